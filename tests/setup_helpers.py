# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A throw-away state folder and stand-ins for apt, pip and dpkg: the set-up without installing."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hubenv import ROOT, VENV
from hubenv.paths import odoo_home


class Sandbox:
    """A state folder of its own, in which programs can be replaced by stand-ins."""

    def __init__(self):
        self.base = Path(tempfile.mkdtemp(prefix="hub-setup-"))
        self.base.chmod(0o755)
        self.state = self.base / "state"
        self.programs = self.base / "programs"
        self.calls = self.base / "calls"
        for folder in (self.state, self.programs):
            folder.mkdir()

    def close(self):
        self.run([sys.executable, "-m", "hubenv", "stop"], PYTHONPATH=str(ROOT / "setup" / "lib"))
        shutil.rmtree(self.base)

    def environment(self, **extra):
        kept = {key: os.environ[key] for key in ("HOME", "LANG", "USER") if key in os.environ}
        kept["PATH"] = (
            f"{self.programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        )
        return kept | {"HUB_STATE_DIR": str(self.state)} | extra

    def run(self, command, cwd="/", timeout=120, **environment):
        """Run a command in the sandbox; answers the CompletedProcess with text output."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def install(self, **environment):
        return self.run([ROOT / "setup" / "install"], **environment)

    def call_library(self, script, **environment):
        """Run bash code with the set-up's functions loaded (and replaceable)."""
        files = ("common", "debian", "odoo_files", "python_env", "rtlcss")
        sources = "".join(f"source {ROOT}/setup/lib/{name}.sh\n" for name in files)
        return self.run(["bash", "-c", sources + script], **environment)

    def stub(self, name, script="exit 1", folder=None):
        """Put a stand-in for a program first on PATH; each call of it is written down."""
        path = (folder or self.programs) / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>{self.calls}\n{script}\n')
        path.chmod(0o755)

    def called(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def forbid_fetching(self):
        """Whoever calls a program that could fetch something is found out."""
        for name in (
            *("apt-get", "apt-cache", "apt", "dpkg", "sudo"),
            *("curl", "wget", "pip", "pip3", "npm"),
        ):
            self.stub(name)
        self.stub("pip", folder=self.state / "venv" / "bin")

    def borrow_venv(self):
        """A Python environment that is complete as far as setup/install can see."""
        venv = self.state / "venv"
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", venv], check=True)
        (site,) = venv.glob("lib/python3*/site-packages")
        (real_site,) = VENV.glob("lib/python3*/site-packages")
        (site / "borrowed.pth").write_text(f"{real_site}\n")
        for program in ("pip", "rtlcss"):
            self.stub(program, folder=venv / "bin")
        shutil.copy(ROOT / "requirements.txt", venv / "requirements.txt")

    def checkout(self):
        """What a source checkout of Odoo looks like, made of links into the installed one."""
        source = self.base / "odoo-source"
        source.mkdir()
        (source / "odoo-bin").touch()
        (source / "odoo").symlink_to(odoo_home() / "odoo")
        (source / "addons").symlink_to(odoo_home() / "odoo" / "addons")
        return source

    def stub_mirror(self, version="19.0.0+dfsg-1"):
        """An apt whose mirror has Odoo in the given version, as a package of one file."""
        self.stub(
            "apt-get",
            'case "$*" in\n'
            '*indextargets*) echo "https://mirror.invalid/debian/ stable" ;;\n'
            f"*download*) touch odoo-19_{version}_all.deb ;;\n"
            "esac",
        )
        self.stub(
            "apt-cache",
            'case "$*" in\n'
            f"*odoo-19) version={version} ;;\n"
            "*awesome) version=5.0+really4.7.0 ;;\n"
            "*) version=001.1 ;;\n"
            "esac\n"
            'echo "x | $version | mirror"',
        )
        self.stub(
            "dpkg",
            "odoo=$3/usr/lib/python3/dist-packages/odoo\n"
            "mkdir -p $odoo\n"
            "echo \"version_info = (19, 0, 0, FINAL, 0, '')\" >$odoo/release.py",
        )
