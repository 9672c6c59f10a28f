# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
#
# rtlcss, with which Odoo mirrors its style sheets for languages written from right to left. Sourced after common.sh.

RTLCSS=rtlcss@4.3.0

# install_rtlcss [node]: into .odoo/node, found by way of the environment's bin. Odoo works without it, so that nothing
# fails for it; what could not be had once is tried again only by 'setup/install --node'.
install_rtlcss() {
    local mark=$STATE/rtlcss.missing home=$STATE/node
    [ ! -x "$VENV/bin/rtlcss" ] || return 0
    [ -n "${1:-}" ] || [ ! -f "$mark" ] || return 0
    touch "$mark"
    if ! command -v npm >/dev/null; then
        say "Arabic and Hebrew will be shown from left to right: install Node.js with npm, then run setup/install --node."
        return 0
    fi
    say "Installing rtlcss"
    if npm install --prefix "$home" --no-audit --no-fund --fetch-retries=0 "$RTLCSS" >>"$LOG" 2>&1 </dev/null; then
        ln -sf "$home/node_modules/.bin/rtlcss" "$VENV/bin/rtlcss"
        rm -f "$mark"
    else
        warn "rtlcss cannot be had now (see $LOG): Arabic and Hebrew are shown from left to right. Try setup/install --node later."
    fi
}
