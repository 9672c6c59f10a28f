# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``python -m hubenv``: what the shell scripts ask of the Python half of the set-up.

configure                write Odoo's configuration files
start [main|test]        start a cluster, print its configuration file
environment [main|test]  start a cluster, print the environment of an Odoo that uses it
stop [main|test]         stop it (default: both)
list                     the databases
clone SOURCE TARGET      copy a database with its filestore
drop NAME                remove a database with its filestore
psql DATABASE SQL        run SQL, print the rows

``HUB_CLUSTER`` (main or test) chooses the cluster of list, clone, drop and psql.
"""

import os
import sys

from .cluster import Cluster
from .paths import SetupError, free_port


def main(command="help", *rest):
    if command == "configure":
        for name in ("main", "test"):
            Cluster(name).write_conf()
    elif command == "start":
        print(Cluster(*rest).start().write_conf())
    elif command == "environment":
        print(f"ODOO_RC={Cluster(*rest).start().write_conf()}")
        for name, usual in (("ODOO_HTTP_PORT", 8069), ("ODOO_GEVENT_PORT", 8072)):
            if name not in os.environ and (port := free_port(usual)) != usual:
                print(f"{name}={port}")
    elif command == "stop":
        for name in rest or ["main", "test"]:
            Cluster(name).stop()
    elif command in ("list", "clone", "drop", "psql"):
        cluster = Cluster(os.environ.get("HUB_CLUSTER", "main")).start()
        if command == "list":
            print("\n".join(cluster.databases()))
        elif command == "psql":
            database, sql = rest
            for row in cluster.psql(sql, database):
                print("|".join(row))
        else:
            getattr(cluster, command)(*rest)
    else:
        print(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SetupError as error:
        sys.exit(f"Error: {error}")
