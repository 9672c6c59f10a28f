# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
#
# Debian packages: which are missing, how to get them, how to say so. Sourced after common.sh.

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
has_libmagic() { compgen -G '/usr/lib/*/libmagic.so.1' >/dev/null || compgen -G '/usr/lib/libmagic.so.1' >/dev/null; }
has_venv() { [ -x "$VENV/bin/pip" ] || { local p; p=$(system_python) && "$p" -c 'import venv, ensurepip' 2>/dev/null; }; }
has_chromium() { command -v chromium >/dev/null || command -v google-chrome >/dev/null; }
has_node() { command -v node >/dev/null; }
has_esbuild() { command -v esbuild >/dev/null; }

# missing_packages [chromium] [node]: the Debian packages to install, one a line.
missing_packages() {
    local also=" $* "
    has_venv || printf '%s\n' python3 python3-venv
    has_postgres || echo postgresql
    has_libmagic || echo libmagic1
    [[ $also != *" chromium "* ]] || has_chromium || echo chromium
    [[ $also != *" node "* ]] || has_node || echo nodejs
    [[ $also != *" node "* ]] || has_esbuild || echo esbuild
}

# as_root COMMAND...: runs it as root, by sudo if that asks for no password.
as_root() {
    if is_root; then "$@"; else sudo -n "$@"; fi
}

may_install() { is_root || sudo -n true 2>/dev/null; }

apt_install() {
    as_root apt-get update || say "apt-get update failed: going on with the package lists that are there" >>"$LOG"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# install_packages [chromium] [node]: installs what is missing, or says what to have installed.
install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        fail "this machine has no apt-get. Install by its own means: ${missing[*]} (Debian's names), then run the command again."
    may_install ||
        fail "these Debian packages are missing: ${missing[*]}. Ask an administrator to run: apt-get install ${missing[*]}"
    step "Installing Debian packages: ${missing[*]}" apt_install "${missing[@]}"
}
