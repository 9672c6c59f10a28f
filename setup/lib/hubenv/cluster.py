# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""PostgreSQL clusters of a checkout and the databases in them."""

import contextlib
import glob
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

from .paths import (
    LOG,
    ROOT,
    STATE,
    SetupError,
    addons,
    clean_environment,
    locked,
    odoo_home,
)

DB_USER = "odoo"
# The kernel takes socket paths of at most 107 characters; PostgreSQL appends "/.s.PGSQL.5432.lock".
SOCKET_DIR_MAX = 85


class Cluster:
    """A PostgreSQL cluster of this checkout, reached by a unix socket only.

    :param name: ``main`` (durable, for the demo and for work) or ``test`` (no fsync, for tests)
    """

    def __init__(self, name="main"):
        if name not in ("main", "test"):
            raise SetupError(f"there is no cluster {name!r}: take main or test")
        self.name = name
        self.port = 5432 if name == "main" else 5433
        self.conf_path = STATE / ("odoo.conf" if name == "main" else "odoo-test.conf")
        self.data_dir = STATE / ("data" if name == "main" else "data-test")
        self.system_user = self._system_user()
        self.home = self._home()
        self.data = self.home / ("pg" if name == "main" else "pg-test")
        self.socket_dir = self._socket_dir()

    # -- where it is --

    @staticmethod
    def _system_user():
        """PostgreSQL refuses to run as root: then its own account is taken."""
        if os.geteuid():
            return None
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            raise SetupError(
                "the account 'postgres' is missing; it comes with Debian's package postgresql"
            ) from None

    def _home(self):
        """``.odoo``, unless PostgreSQL's account cannot get there (a checkout below /root)."""
        if self.system_user:
            reachable = subprocess.run(
                [*self._as_system_user(), "test", "-x", STATE], capture_output=True, check=False
            )
            if reachable.returncode:
                return Path("/var/lib") / f"connector-hub-{self._state_id()}"
        return STATE

    def _socket_dir(self):
        path = self.home / "run"
        if len(str(path)) > SOCKET_DIR_MAX:
            path = Path("/tmp") / f"connector-hub-{self._state_id()}"
        return path

    @staticmethod
    def _state_id():
        """Names what this state folder keeps elsewhere; another folder at its path has another."""
        path = STATE / "id"
        with contextlib.suppress(FileExistsError), path.open("x") as new:
            new.write(secrets.token_hex(6))
        return path.read_text()

    def _as_system_user(self):
        if not self.system_user:
            return []
        uid, gid = self.system_user.pw_uid, self.system_user.pw_gid
        return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]

    def _private_dir(self, path):
        """Make the directory for PostgreSQL's account alone; refuse one that is somebody else's."""
        owner = self.system_user.pw_uid if self.system_user else os.geteuid()
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
            os.chown(path, owner, -1)
        if path.stat().st_uid != owner:
            raise SetupError(
                f"{path} belongs to another account; remove it and run the command again"
            )

    @staticmethod
    def binary(name):
        """Path of a PostgreSQL program: Debian's newest, else the one on PATH."""
        found = sorted(
            glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4])
        )
        path = found[-1] if found else shutil.which(name)
        if not path:
            raise SetupError(
                f"PostgreSQL's program {name} is missing: install Debian's package postgresql"
            )
        return path

    # -- start and stop --

    def running(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(f"{self.socket_dir}/.s.PGSQL.{self.port}") == 0

    def start(self):
        """Create the cluster if it is not there, start it if it does not run."""
        if self.running():
            return self
        with locked(f"cluster-{self.name}"):
            if not self.running():
                self._private_dir(self.socket_dir)
                self._initialize()
                self._pg_ctl(
                    "start",
                    "-w",
                    "-t",
                    "120",
                    "-l",
                    self.data / "server.log",
                    "-o",
                    self._options(),
                )
        return self

    def stop(self):
        """Stop the server; whatever is connected is cut off."""
        if self.running():
            self._pg_ctl("stop", "-w", "-m", "fast")

    def _initialize(self):
        if (self.data / "PG_VERSION").exists():
            return
        self._private_dir(self.data)
        command = [
            self.binary("initdb"),
            "-D",
            self.data,
            "-U",
            DB_USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        self._run([*command, "--locale=C.UTF-8", "--no-sync"])

    def _options(self):
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.socket_dir,
            "port": self.port,
            "max_connections": 200,
            "shared_buffers": "256MB",
        }
        if self.name == "test":
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        return " ".join(f"-c {key}='{value}'" for key, value in settings.items())

    def _pg_ctl(self, *arguments):
        self._run([self.binary("pg_ctl"), "-D", self.data, *arguments])

    def _run(self, command):
        """Run a PostgreSQL program as its account, its output into the log."""
        with LOG.open("a") as log:
            done = subprocess.run(
                [*self._as_system_user(), *map(str, command)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode:
            program, log = Path(command[0]).name, self.data / "server.log"
            raise SetupError(f"PostgreSQL's {program} failed; see {LOG} and {log}")

    # -- databases --

    def psql(self, sql, database="postgres"):
        """Run SQL, answer the rows as lists of strings."""
        command = [
            self.binary("psql"),
            "-h",
            self.socket_dir,
            "-p",
            self.port,
            "-U",
            DB_USER,
            "-d",
            database,
        ]
        done = subprocess.run(
            [*map(str, command), "-XqAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", sql],
            capture_output=True,
            text=True,
            env=clean_environment(),
            check=False,
        )
        if done.returncode:
            raise SetupError(f"{database}: {done.stderr.strip()}")
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def databases(self):
        return [
            row[0] for row in self.psql("SELECT datname FROM pg_database WHERE NOT datistemplate")
        ]

    def exists(self, database):
        return database in self.databases()

    def _disconnect(self, database):
        self.psql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )

    def clone(self, source, target):
        """Copy a database and its filestore (hard links: Odoo never changes a stored file)."""
        self._disconnect(source)
        self.psql(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY')
        stored = self.data_dir / "filestore" / source
        if stored.exists():
            shutil.copytree(
                stored,
                self.data_dir / "filestore" / target,
                copy_function=os.link,
                dirs_exist_ok=True,
            )

    def rename(self, source, target):
        self._disconnect(source)
        self.psql(f'ALTER DATABASE "{source}" RENAME TO "{target}"')
        stored = self.data_dir / "filestore" / source
        if stored.exists():
            shutil.rmtree(self.data_dir / "filestore" / target, ignore_errors=True)
            stored.rename(self.data_dir / "filestore" / target)

    def drop(self, database):
        """Remove a database with its filestore; fine if it is not there."""
        self.psql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        shutil.rmtree(self.data_dir / "filestore" / database, ignore_errors=True)

    # -- Odoo's configuration --

    def options(self):
        """What odoo.conf says for this cluster, as a dict."""
        return {
            "addons_path": ",".join(map(str, _addons_paths())),
            "data_dir": self.data_dir,
            "db_host": self.socket_dir,
            "db_port": self.port,
            "db_user": DB_USER,
            "db_template": "template0",
            "http_interface": "127.0.0.1",
            "pg_path": Path(self.binary("psql")).parent,
        }

    def write_conf(self, path=None, **extra):
        """Write an Odoo configuration file (default: the cluster's own) unless it is right already.

        :param extra: more options, or other values
        :return: its path
        """
        path = path or self.conf_path
        self.data_dir.mkdir(mode=0o700, exist_ok=True)
        options = self.options() | extra
        text = "[options]\n" + "".join(f"{key} = {value}\n" for key, value in options.items())
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            path.chmod(0o600)
        return path


def _addons_paths():
    """Folders with addons: Odoo's own (a source checkout has two), then this checkout."""
    home = odoo_home()
    # Debian's package has a second 'addons' beside 'odoo', without data: only a checkout's counts.
    beside = [home / "addons"] if (home / "odoo-bin").exists() else []
    return [*beside, home / "odoo" / "addons", *([ROOT] if addons() else [])]
