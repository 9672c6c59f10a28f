# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where things are in a checkout, and the small helpers everything else needs."""

import contextlib
import fcntl
import hashlib
import os
import random
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STATE = Path(os.environ.get("HUB_STATE_DIR") or ROOT / ".odoo").resolve()
VENV = STATE / "venv"
LOG = STATE / "install.log"


class SetupError(Exception):
    """Something an administrator has to act on; the text says what."""


def addons():
    """Names of the addons in this checkout, sorted."""
    return sorted(path.parent.name for path in ROOT.glob("connector_hub*/__manifest__.py"))


def odoo_home():
    """The folder that holds the package ``odoo`` in use (python_env.sh writes it down)."""
    for pth in VENV.glob("lib/python3*/site-packages/odoo19.pth"):
        return Path(pth.read_text().strip())
    raise SetupError("Odoo is not installed here yet: run setup/install")


def digest(*parts):
    """Twelve hexadecimal digits that name the given texts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


def clean_environment(**extra):
    """The environment without what Odoo obeys before its configuration file (PGHOST, ODOO_...).

    Odoo looks for ``rtlcss`` on the path.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "ODOO_"))}
    kept["PATH"] = f"{VENV / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return kept | extra


@contextlib.contextmanager
def locked(name):
    """Hold the lock file ``.odoo/<name>.lock``; waits for whoever has it."""
    with (STATE / f"{name}.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def free_port(preferred=None):
    """A TCP port of 127.0.0.1 that nobody listens on: the preferred one, else a random one.

    Random ports come from below the range that the kernel hands out to outgoing connections, so
    that none takes one between this look and the server's start.
    """
    candidates = [preferred] if preferred else []
    candidates += random.sample(range(20000, 32000), 50)
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SetupError("no free port between 20000 and 32000 on 127.0.0.1")
