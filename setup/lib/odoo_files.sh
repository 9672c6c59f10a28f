# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
#
# Odoo's own files: from ODOO_SOURCE, or from Debian's package unpacked into .odoo/odoo. Sourced after common.sh.

ODOO_HOME=$STATE/odoo
# Packages of which a certain version is needed, as PACKAGE=PATTERN; Odoo's static files link into the others too.
PACKAGES=('odoo-19=^19[.]0[.]' 'fonts-font-awesome=4[.]7[.]' 'fonts-inconsolata=^001[.]')
COMPANION_PACKAGES=(
    libjs-jquery libjs-jquery-form libjs-underscore fonts-roboto-unhinted fonts-montserrat fonts-glyphicons-halflings
    fonts-ocr-b fonts-dejavu-core
)
USE_ODOO_SOURCE="Set ODOO_SOURCE to an Odoo 19 source checkout or installation and run the command again."

# odoo_python_path: the folder to put on Python's path, so that 'import odoo' finds Odoo 19.
odoo_python_path() {
    local candidate
    if [ -z "${ODOO_SOURCE:-}" ]; then
        echo "$ODOO_HOME/usr/lib/python3/dist-packages"
        return
    fi
    for candidate in "$ODOO_SOURCE" "$ODOO_SOURCE/usr/lib/python3/dist-packages" "$ODOO_SOURCE/lib/python3/dist-packages" \
        "$ODOO_SOURCE"/lib/python3.*/site-packages "$(dirname "$ODOO_SOURCE")"; do
        if [ -f "$candidate/odoo/release.py" ]; then
            (cd "$candidate" && pwd)
            return
        fi
    done
    fail "ODOO_SOURCE=$ODOO_SOURCE holds no Odoo: expected the folder in which 'odoo/release.py' is (a source checkout, or an installation's dist-packages)."
}

# recall_source: what ODOO_SOURCE named once holds for later commands too; set but empty goes back to the download.
recall_source() {
    local mark=$STATE/odoo_source
    [ -n "${ODOO_SOURCE+set}" ] || [ ! -f "$mark" ] || ODOO_SOURCE=$(cat "$mark")
    ODOO_SOURCE=${ODOO_SOURCE:-}
    [ -n "$ODOO_SOURCE" ] || rm -f "$mark"
}

# check_source: refuses what is no Odoo 19.0, remembers what is.
check_source() {
    local path
    ODOO_SOURCE=$(realpath -ms "$ODOO_SOURCE")
    path=$(odoo_python_path)
    grep -Eq '^version_info = \(19, 0,' "$path/odoo/release.py" ||
        fail "$path holds another Odoo than 19.0 ($(grep -m1 '^version_info' "$path/odoo/release.py"))."
    write_if_changed "$STATE/odoo_source" "$ODOO_SOURCE"
}

# apt_sid COMMAND...: apt with a sources list, lists and cache of its own, so that the machine's stay as they are.
apt_sid() {
    local tool=$1
    shift
    "$tool" -o Dir::Etc::SourceList="$APT/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$APT/lists" \
        -o Dir::Cache="$APT/cache" -o APT::Sandbox::User= -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
}

# write_sources [SUITE...]: the machine's own Debian mirror, with the suites sid (Odoo), the machine's (fonts) and more.
write_sources() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed="" codename targets uri suites suite
    [ ! -f "$keyring" ] || signed="[signed-by=$keyring] "
    mkdir -p "$APT/lists/partial" "$APT/cache/archives/partial"
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
    targets=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Component: main')
    # Other publishers have repositories for this Debian too: the mirror is the one with the usual name, if there is one.
    uri=$(awk -v own="$codename" '$1 ~ /\/debian\/?$/ { print 1, $1 } $2 == own { print 2, $1 }' <<<"$targets" | sort | awk 'NR == 1 { print $2 }')
    [ -n "$uri" ] || fail "apt on this machine knows no Debian mirror. $USE_ODOO_SOURCE"
    suites=$(awk -v uri="$uri" '$1 == uri { print $2 }' <<<"$targets")
    for suite in sid $suites "$@"; do echo "deb $signed$uri $suite main"; done | sort -u >"$APT/sources.list"
}

# version_of PACKAGE REGEX: the newest version that matches.
version_of() {
    apt_sid apt-cache madison "$1" | awk -F'|' -v re="$2" '{ gsub(/ /, "", $2) } $2 ~ re { print $2 }' | sort -rV | head -n 1
}

# find_versions: fills the array 'wanted' with PACKAGE=VERSION of everything to download.
find_versions() {
    local package version
    wanted=()
    for package in "${PACKAGES[@]}"; do
        version=$(version_of "${package%%=*}" "${package#*=}")
        if [ -z "$version" ]; then
            echo "${package%%=*} is not there"
            return 1
        fi
        wanted+=("${package%%=*}=$version")
    done
}

download_debs() {
    write_sources
    apt_sid apt-get update
    # Fonts of the right age may be in an older suite than the machine's own.
    if ! find_versions; then
        write_sources stable oldstable
        apt_sid apt-get update
        find_versions
    fi
    cd "$APT/debs"
    apt_sid apt-get download "${wanted[@]}" "${COMPANION_PACKAGES[@]}"
    printf '%s %s\n' "${wanted[0]#*=}" "$(sha256sum odoo-19_*.deb | cut -d' ' -f1)" >"$APT/build"
}

unpack_debs() {
    local deb
    rm -rf "$ODOO_HOME.part"
    mkdir -p "$ODOO_HOME.part"
    for deb in "$APT"/debs/*.deb; do dpkg -x "$deb" "$ODOO_HOME.part"; done
    cp "$APT/build" "$ODOO_HOME.part/BUILD"
    rm -rf "$ODOO_HOME"
    mv "$ODOO_HOME.part" "$ODOO_HOME"
}

# fill_gap: Debian leaves out one script that the web client's bundle names (it blurs a camera's background); without
# a file of that name every page logs an error.
fill_gap() {
    local script=$ODOO_HOME/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    [ -f "$script" ] && return
    mkdir -p "$(dirname "$script")"
    echo "// Left out by Debian; camera background blur is not available." >"$script"
}

# install_odoo_files: Odoo into .odoo/odoo, unless it is there whole (BUILD is written last).
install_odoo_files() {
    if [ -f "$ODOO_HOME/BUILD" ]; then
        fill_gap
        return
    fi
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "Odoo 19 comes from a Debian package, and this machine has no apt-get. $USE_ODOO_SOURCE"
    need_disk 3000 "Odoo"
    APT=$STATE/apt
    rm -rf "$APT/debs"
    mkdir -p "$APT/debs"
    HINT="To do without the download: $USE_ODOO_SOURCE" step "Downloading Odoo 19 (140 MB)" download_debs
    if ! grep -qxF "$(cat "$APT/build")" "$ROOT/setup/lib/odoo_build.pin"; then
        warn "this is another build of Odoo 19.0 ($(cat "$APT/build")) than the one this version was tested with ($(cut -d' ' -f1 "$ROOT/setup/lib/odoo_build.pin"))."
    fi
    step "Unpacking Odoo 19 (1.2 GB)" unpack_debs
    rm -rf "$APT"
    fill_gap
}
