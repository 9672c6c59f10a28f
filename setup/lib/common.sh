# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
#
# What every set-up command shares: where things are, how to speak, how to run a long step. Sourced, not run.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
STATE=${HUB_STATE_DIR:-$ROOT/.odoo}
VENV=$STATE/venv
LOG=$STATE/install.log

say() { printf '%s\n' "$*" >&2; }

warn() { say "Warning: $*"; }

fail() {
    say "Error: $*"
    exit 1
}

# help_if_asked ARGS...: with -h or --help among them, prints what the command's own head says of it, and ends. To be
# called before anything is installed.
help_if_asked() {
    local argument
    for argument in "$@"; do
        case $argument in
        -h | --help)
            awk 'NR > 4 && !/^#/ { exit } NR > 4 { sub(/^# ?/, ""); print }' "$0"
            exit 0
            ;;
        esac
    done
}

is_root() { [ "$(id -u)" = 0 ]; }

# system_python: the interpreter that the virtual environment is made of; the distribution's own comes first.
system_python() {
    local candidate
    for candidate in /usr/bin/python3 "$(command -v python3 || true)"; do
        if [ -x "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

# hubenv ARGS...: the Python half of the set-up (clusters, databases, servers).
hubenv() {
    local python=$VENV/bin/python
    [ -x "$python" ] || python=$(system_python)
    HUB_STATE_DIR=$STATE PYTHONPATH=$ROOT/setup/lib "$python" -m hubenv "$@"
}

make_state_dir() {
    mkdir -p "$STATE" 2>/dev/null || fail "cannot create $STATE: is the disk full, or the folder somebody else's?"
    [ -w "$STATE" ] || fail "$STATE belongs to $(stat -c %U "$STATE") and cannot be written by $(id -un). Run as that user, or set HUB_STATE_DIR to a folder of your own."
}

# write_if_changed FILE TEXT
write_if_changed() {
    [ -f "$1" ] && [ "$(cat "$1")" = "$2" ] || printf '%s\n' "$2" >"$1"
}

# lock NAME: one at a time; a second command waits and says so. Held until the script ends.
lock() {
    exec 9>"$STATE/$1.lock"
    flock -n 9 && return
    say "Another $1 is running here: waiting for it to end."
    flock 9
}

# need_disk MEGABYTES WHAT: refuses early what would fail late.
need_disk() {
    local free
    free=$(df -Pm "$STATE" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$1" ] || fail "not enough disk space in $STATE: $2 needs $1 MB, $free MB are free."
}

# progress WHAT: a line every ten seconds (on a terminal: one line, every second) until it is killed. What sleeps
# holds none of our output, or whoever reads it through a pipe would wait for the last sleep to end.
progress() {
    local what=$1 start=$SECONDS
    if [ -t 2 ]; then
        while sleep 1 >/dev/null 2>&1; do printf '\r  %s ... %d s ' "$what" $((SECONDS - start)) >&2; done
    else
        while sleep 10 >/dev/null 2>&1; do say "  $what ... $((SECONDS - start)) s"; done
    fi
}

# step WHAT COMMAND...: runs the command with its output in the log, shows progress; explains a failure and ends the script.
# Call it as a plain command (not in a condition), so that the command stops at its first error.
step() {
    local what=$1 begin=$SECONDS from=0 ticker status
    shift
    say "$what"
    [ ! -f "$LOG" ] || from=$(wc -c <"$LOG")
    progress "$what" 9>&- &
    ticker=$!
    trap 'kill "$ticker" 2>/dev/null || true' EXIT
    set +e
    (set -e; "$@") >>"$LOG" 2>&1 9>&- </dev/null
    status=$?
    set -e
    trap - EXIT
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    [ ! -t 2 ] || printf '\r\033[K' >&2
    if [ "$status" != 0 ]; then
        explain "$what" "$status" "$(tail -c "+$((from + 1))" "$LOG" 2>/dev/null)"
        exit 1
    fi
    say "  done in $((SECONDS - begin)) s"
}

# explain WHAT STATUS OUTPUT: one sentence on the likely cause, the tool's last words, and where the rest is.
explain() {
    local what=$1 status=$2 output=$3 cause
    case $output in
    *"No space left on device"*) cause="the disk is full; free some space and run the command again" ;;
    *"Could not get lock"* | *"Unable to acquire the dpkg"*) cause="another apt or dpkg is running; wait for it and run the command again" ;;
    *"Temporary failure"* | *"Could not resolve"* | *"Name or service not known"* | *"Could not connect"* | \
        *"Connection refused"* | *"Connection timed out"* | *"NewConnectionError"* | *"Network is unreachable"*)
        cause="the package source cannot be reached; check the network and the machine's apt and pip settings" ;;
    *"odoo-19 is not there"*) cause="the Debian mirror has no Odoo 19.0 any more" ;;
    *"Permission denied"*) cause="a file or folder may not be written; see the log" ;;
    *"No matching distribution"* | *"Unable to locate package"*) cause="the package source does not have what is needed" ;;
    *) cause="it ended with status $status" ;;
    esac
    say "Error: $what failed: $cause."
    printf '%s\n' "$output" | grep -v '^[[:space:]]*$' | tail -n 3 | sed 's/^/    /' >&2 || true
    say "The full output is in $LOG"
    [ -z "${HINT:-}" ] || say "$HINT"
}
