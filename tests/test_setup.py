# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The set-up scripts: run again, at once, from elsewhere, and with something missing or failing."""

import contextlib
import fcntl
import os
import re
import socket
import subprocess
import time

import pytest

from hubenv import ROOT

from .setup_helpers import Sandbox


@pytest.fixture
def sandbox():
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture
def installed(sandbox):
    """A sandbox in which nothing is missing."""
    sandbox.borrow_venv()
    sandbox.source = sandbox.checkout()
    done = sandbox.install(ODOO_SOURCE=str(sandbox.source))
    assert done.returncode == 0, done.stderr
    return sandbox


# -- what is there stays --


def test_install_again_is_quick_and_fetches_nothing(installed):
    installed.forbid_fetching()
    durations = []
    for _attempt in range(3):
        begin = time.monotonic()
        done = installed.install(ODOO_SOURCE=str(installed.source))
        durations.append(time.monotonic() - begin)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert installed.called() == []
    assert min(durations) < 3


def test_commands_work_from_any_folder_and_through_a_link(installed):
    link = installed.base / "link"
    link.symlink_to(ROOT)
    for cwd, command in (("/", ROOT / "setup" / "odoo"), (installed.base, "link/setup/odoo")):
        done = installed.run([command, "--version"], cwd=cwd, ODOO_SOURCE=str(installed.source))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("Odoo Server 19.0")


def test_odoo_takes_free_ports_when_its_own_are_taken(installed):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # Somebody else's server there serves as well.
            listener.bind(("127.0.0.1", 8069))
            listener.listen()
        done = installed.call_library("hubenv environment main")
    settings = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert settings["ODOO_RC"] == f"{installed.state}/odoo.conf", done.stderr
    assert settings["ODOO_HTTP_PORT"] != "8069"


def test_a_second_install_waits_for_the_first(installed):
    with (installed.state / "install.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [ROOT / "setup" / "install"],
            env=installed.environment(ODOO_SOURCE=str(installed.source)),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert "waiting" in second.stderr.readline()
        time.sleep(0.3)
        assert second.poll() is None
    assert second.wait(30) == 0
    second.stderr.close()


# -- help, and what README says --


@pytest.mark.parametrize("command", ["install", "test", "demo", "lint", "bench", "odoo"])
def test_help_installs_nothing(sandbox, command):
    (sandbox.state / "venv" / "bin").mkdir(parents=True)
    sandbox.forbid_fetching()
    for option in ("--help", "-h"):
        done = sandbox.run([ROOT / "setup" / command, option])
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"setup/{command} ")
        assert "source" not in done.stdout.splitlines()[-1]
    assert sandbox.called() == []
    assert list(sandbox.state.iterdir()) == [sandbox.state / "venv"]


def test_what_readme_names_is_there():
    """Each command exists, and each example of a selection of tests selects some."""
    readme = (ROOT / "README.rst").read_text()
    for name in set(re.findall(r"setup/([a-z]+)", readme)):
        assert (ROOT / "setup" / name).exists(), name
    examples = re.findall(r"setup/test (\S+\.py) -k (\w+)", readme)
    assert examples
    for path, word in examples:
        assert re.search(rf"def test_\w*{word}", (ROOT / path).read_text()), (path, word)


# -- rtlcss --


def test_rtlcss_is_installed_where_npm_is_there(sandbox):
    (sandbox.state / "venv" / "bin").mkdir(parents=True)
    made = "$3/node_modules/.bin"
    sandbox.stub(
        "npm", f"mkdir -p {made}; printf '#!/bin/sh\\n' >{made}/rtlcss; chmod +x {made}/rtlcss"
    )
    for _time in range(2):
        done = sandbox.call_library("install_rtlcss; command -v $VENV/bin/rtlcss")
        assert done.returncode == 0, done.stderr
    assert len(sandbox.called()) == 1


def test_without_rtlcss_odoo_is_installed_all_the_same(sandbox):
    """It is said once; asked for by name, it is tried again."""
    (sandbox.state / "venv" / "bin").mkdir(parents=True)
    for program, script in (
        ("npm() { return 1; }", "cannot be had"),
        ("command() { false; }", "npm"),
    ):
        (sandbox.state / "rtlcss.missing").unlink(missing_ok=True)
        for option, said in (("", True), ("", False), ("node", True)):
            done = sandbox.call_library(f"{program}\ninstall_rtlcss {option}; echo goes on")
            assert done.stdout == "goes on\n", done.stderr
            assert (script in done.stderr) == said


# -- ODOO_SOURCE --


def test_odoo_source_is_what_runs(installed):
    """Odoo comes from the named checkout, with its own database cluster, and answers a query."""
    printed = "print('from', odoo.release.__file__)"
    done = installed.run(
        [installed.state / "venv" / "bin" / "python", "-c", f"import odoo.release; {printed}"]
    )
    assert done.stdout.strip() == f"from {installed.source}/odoo/release.py"
    help_text = installed.run(
        [ROOT / "setup" / "odoo", "db", "--help"], ODOO_SOURCE=str(installed.source)
    )
    assert "usage: odoo" in help_text.stdout
    conf = (installed.state / "odoo.conf").read_text()
    assert f"{installed.source}/addons,{installed.source}/odoo/addons" in conf
    rows = installed.call_library("hubenv psql postgres 'SELECT 6 * 7'")
    assert rows.stdout.strip() == "42", rows.stderr


def test_odoo_source_is_remembered_until_it_is_set_to_nothing(installed):
    installed.forbid_fetching()
    assert installed.install().returncode == 0
    pth = next(installed.state.glob("venv/lib/python3*/site-packages/odoo19.pth"))
    assert pth.read_text().strip() == str(installed.source)
    done = installed.install(ODOO_SOURCE="")
    assert done.returncode == 1
    assert any(call.startswith("apt-get") for call in installed.called())


def test_odoo_source_may_be_an_installation(sandbox):
    installation = sandbox.base / "prefix" / "usr" / "lib" / "python3" / "dist-packages"
    installation.mkdir(parents=True)
    (installation / "odoo").symlink_to(sandbox.checkout() / "odoo")
    for source in (installation, installation / "odoo", sandbox.base / "prefix"):
        done = sandbox.call_library("odoo_python_path", ODOO_SOURCE=str(source))
        assert done.stdout.strip() == str(installation), done.stderr


def test_odoo_source_without_odoo_is_refused(sandbox):
    done = sandbox.install(ODOO_SOURCE="/usr/share")
    assert done.returncode == 1
    assert "ODOO_SOURCE=/usr/share holds no Odoo" in done.stderr


def test_another_odoo_than_19_is_refused(sandbox):
    (sandbox.base / "odoo").mkdir()
    (sandbox.base / "odoo" / "release.py").write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    done = sandbox.install(ODOO_SOURCE=str(sandbox.base))
    assert done.returncode == 1
    assert "another Odoo than 19.0" in done.stderr


# -- the package mirror --


def test_another_build_of_19_is_taken_with_a_warning(sandbox):
    sandbox.borrow_venv()
    sandbox.stub_mirror("19.0.1+dfsg-7")
    done = sandbox.call_library("install_odoo_files; cat $ODOO_HOME/BUILD")
    assert done.returncode == 0, done.stderr
    assert "Warning: this is another build of Odoo 19.0 (19.0.1+dfsg-7 " in done.stderr
    assert done.stdout.startswith("19.0.1+dfsg-7 ")


def test_a_mirror_without_19_names_the_way_out(sandbox):
    sandbox.stub_mirror("20.0.0+dfsg-1")
    done = sandbox.install()
    assert done.returncode == 1
    assert "the Debian mirror has no Odoo 19.0 any more" in done.stderr
    assert "ODOO_SOURCE" in done.stderr


def test_an_unreachable_mirror_is_named_as_such(sandbox):
    sandbox.stub_mirror()
    sandbox.stub(
        "apt-get",
        'case "$*" in *indextargets*) echo "https://mirror.invalid/debian/ stable" ;; '
        '*) echo "E: Temporary failure resolving mirror.invalid"; exit 100 ;; esac',
    )
    done = sandbox.install()
    assert done.returncode == 1
    assert "the package source cannot be reached" in done.stderr
    assert "ODOO_SOURCE" in done.stderr
    assert f"The full output is in {sandbox.state}/install.log" in done.stderr
    assert not (sandbox.state / "odoo").exists()


def test_a_half_unpacked_odoo_is_not_taken_for_a_whole_one(sandbox):
    sandbox.stub_mirror()
    sandbox.stub("dpkg", 'mkdir -p "$3/usr"; echo "dpkg: No space left on device"; exit 2')
    done = sandbox.install()
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert not (sandbox.state / "odoo").exists()


# -- Debian packages, pip, disk --


def test_a_user_without_sudo_is_told_the_packages(sandbox):
    sandbox.stub("sudo")
    sandbox.stub("apt-get")
    done = sandbox.call_library(
        "is_root() { false; }; has_postgres() { false; }; has_chromium() { false; }\n"
        "has_node() { false; }; has_esbuild() { false; }; install_packages chromium node"
    )
    assert done.returncode == 1
    assert "apt-get install postgresql chromium nodejs esbuild" in done.stderr
    assert not any(call.startswith("apt-get") for call in sandbox.called())


@pytest.mark.parametrize(
    ("wanted", "packages"),
    [
        ("", ""),
        ("chromium", "chromium"),
        ("node", "nodejs esbuild"),
        ("node chromium", "chromium nodejs esbuild"),
    ],
)
def test_what_only_tests_need_is_installed_only_for_them(sandbox, wanted, packages):
    done = sandbox.call_library(
        "has_venv() { true; }; has_postgres() { true; }; has_libmagic() { true; }\n"
        "has_chromium() { false; }; has_node() { false; }; has_esbuild() { false; }\n"
        f"missing_packages {wanted}"
    )
    assert done.stdout.split() == packages.split(), done.stderr


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "another apt or dpkg is running"),
        ("E: Could not connect to the mirror", "the package source cannot be reached"),
        ("E: You do not have enough free space: No space left on device", "the disk is full"),
        (
            "E: Unable to locate package postgresql",
            "the package source does not have what is needed",
        ),
        ("E: something new", "it ended with status 100"),
    ],
)
def test_a_failing_apt_is_explained(sandbox, output, cause):
    sandbox.stub("apt-get", f'echo "{output}"; exit 100')
    done = sandbox.call_library(
        "is_root() { true; }; has_postgres() { false; }; install_packages; echo not reached"
    )
    assert done.returncode == 1
    assert f"Installing Debian packages: postgresql failed: {cause}" in done.stderr
    assert output in done.stderr
    assert "not reached" not in done.stdout


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("ERROR: No matching distribution found for babel==2.18.0", "does not have what is needed"),
        ("WARNING: Retrying after connection broken by NewConnectionError", "cannot be reached"),
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
    ],
)
def test_a_failing_pip_is_explained_and_tried_again(sandbox, output, cause):
    sandbox.borrow_venv()
    source = str(sandbox.checkout())
    (sandbox.state / "venv" / "requirements.txt").unlink()
    sandbox.stub("pip", f'echo "{output}"; exit 1', folder=sandbox.state / "venv" / "bin")
    done = sandbox.install(ODOO_SOURCE=source)
    assert done.returncode == 1
    assert cause in done.stderr
    assert "Traceback" not in done.stderr
    sandbox.stub("pip", "exit 0", folder=sandbox.state / "venv" / "bin")
    assert sandbox.install(ODOO_SOURCE=source).returncode == 0


def test_a_full_disk_is_noticed_before_the_download(sandbox):
    sandbox.stub("df", 'printf "Filesystem MB Used Free\\nx 9000 8950 50\\n"')
    sandbox.stub("apt-get")
    done = sandbox.install()
    assert done.returncode == 1
    assert "not enough disk space" in done.stderr
    assert "50 MB are free" in done.stderr
    assert not any(call.startswith("apt-get") for call in sandbox.called())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_state_folder_of_somebody_else_is_named(sandbox):
    somebody = ["setpriv", "--reuid=65534", "--clear-groups"]
    if sandbox.run([*somebody, "test", "-r", ROOT / "setup" / "install"]).returncode:
        pytest.skip("nobody else can read this checkout")
    done = sandbox.run([*somebody, ROOT / "setup" / "install"])
    assert done.returncode == 1
    assert "belongs to root" in done.stderr


def test_an_unknown_option_is_refused(sandbox):
    done = sandbox.run([ROOT / "setup" / "install", "--all"])
    assert done.returncode == 1
    assert "unknown option --all" in done.stderr


def test_a_long_path_gets_a_short_socket(sandbox):
    """A socket's path may have 107 characters; a checkout's path may have more."""
    sandbox.state = sandbox.state / ("long" * 30)
    sandbox.state.mkdir(parents=True)
    done = sandbox.run(
        ["python3", "-c", "from hubenv import Cluster; print(Cluster('test').socket_dir)"],
        PYTHONPATH=str(ROOT / "setup" / "lib"),
    )
    assert done.stdout.startswith("/tmp/connector-hub-"), done.stderr
    assert len(done.stdout) < 60
