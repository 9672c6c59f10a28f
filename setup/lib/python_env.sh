# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
#
# The virtual environment in .odoo/venv, with Odoo on its path. Sourced after common.sh.

make_venv() {
    rm -rf "$VENV"
    "$(system_python)" -m venv "$VENV"
}

# install_venv PYTHON_PATH: the environment, and the two small files that make it know Odoo.
install_venv() {
    local site
    if ! "$VENV/bin/python" -c '' 2>/dev/null; then
        need_disk 1000 "the Python environment"
        step "Making a Python environment" make_venv
    fi
    site=$(echo "$VENV"/lib/python3*/site-packages)
    write_if_changed "$site/odoo19.pth" "$1"
    write_if_changed "$VENV/bin/odoo" "#!$VENV/bin/python
import odoo.cli

odoo.cli.main()"
    [ -x "$VENV/bin/odoo" ] || chmod +x "$VENV/bin/odoo"
}

# install_requirements FILE: pip, unless the same file was installed before (its copy is the mark).
install_requirements() {
    local mark=$VENV/$1
    ! cmp -s "$ROOT/$1" "$mark" || return 0
    need_disk 1000 "the Python packages"
    step "Installing Python packages ($1)" "$VENV/bin/pip" install --no-input -r "$ROOT/$1" -c "$ROOT/requirements.txt"
    cp "$ROOT/$1" "$mark"
}
