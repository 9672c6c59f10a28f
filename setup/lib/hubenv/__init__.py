# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Python half of the set-up: where things are, database clusters, Odoo servers.

Standard library only. Used by the scripts in ``setup/`` and by everything that needs a real Odoo
process (``tests/``, demo, bench)::

    with test_database() as database, OdooServer(database, workers=2) as server:
        OdooClient(server.url, database).call("res.partner", "search_count", [[]])
"""

from .client import OdooClient, OdooError
from .cluster import Cluster
from .paths import ROOT, STATE, VENV, SetupError, addons, clean_environment, free_port, locked
from .server import OdooServer
from .template import ensure_template, test_database

__all__ = [
    "ROOT",
    "STATE",
    "VENV",
    "Cluster",
    "OdooClient",
    "OdooError",
    "OdooServer",
    "SetupError",
    "addons",
    "clean_environment",
    "ensure_template",
    "free_port",
    "locked",
    "test_database",
]
