# Sourced by start.sh and test.sh: puts everything that gradviz needs into .venv, on a bare machine too.
# Takes PYTHON (an interpreter of version 3.11 or newer), sets PY to the one of the environment.
set -eu
ROOT=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT"

say() { printf 'gradviz: %s\n' "$*" >&2; }

as_root() { # runs a command as root where that is possible without asking
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

install_debian() { # packages...
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root true || return 1
    say "installing system packages: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
        { as_root apt-get update -qq >/dev/null 2>&1 && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

PYTHON_FOUND=$(find_python) || { install_debian python3 python3-venv || true; PYTHON_FOUND=$(find_python) || { say "needs Python 3.11 or newer: install it (Debian: apt-get install python3 python3-venv)"; exit 1; }; }
VENV=${GRADVIZ_VENV:-.venv}
PY=$VENV/bin/python
if [ ! -x "$PY" ]; then
    "$PYTHON_FOUND" -m venv "$VENV" 2>/dev/null || { rm -rf "$VENV"; install_debian python3-venv || true; "$PYTHON_FOUND" -m venv "$VENV" || { say "cannot make a virtual environment: install python3-venv (Debian: apt-get install python3-venv)"; exit 1; }; }
fi
STAMP=$VENV/.installed
if [ ! -f "$STAMP" ] || [ requirements.lock.txt -nt "$STAMP" ] || [ pyproject.toml -nt "$STAMP" ]; then
    say "installing Python packages (about 350 MB, once)"
    "$PY" -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock.txt
    "$PY" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    touch "$STAMP"
fi

# Qt's system libraries: asked of the loader itself, because the names differ between systems.
missing_qt() { # prints the libraries that the platform plugin $1 lacks
    "$PY" - "$1" <<'PYTHON'
import ctypes, pathlib, subprocess, sys
import importlib.util
folder = pathlib.Path(importlib.util.find_spec("PySide6").origin).parent
plugin = folder / "Qt" / "plugins" / "platforms" / f"libq{sys.argv[1]}.so"
wanted = [plugin, *(folder / "Qt" / "lib").glob("libQt6Gui.so.6"), *(folder / "Qt" / "lib").glob("libQt6Widgets.so.6")]
lost = set()
for file in wanted:
    if file.exists():
        told = subprocess.run(["ldd", str(file)], capture_output=True, text=True).stdout
        lost |= {line.split()[0] for line in told.splitlines() if "not found" in line}
print(" ".join(sorted(lost)))
PYTHON
}

if [ "$(uname -s)" = Linux ]; then
    PLATFORM=xcb
    [ "${QT_QPA_PLATFORM:-}" = offscreen ] && PLATFORM=offscreen
    LOST=$(missing_qt "$PLATFORM" || true)
    if [ -n "$LOST" ]; then
        PACKAGES="libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3"
        [ "$PLATFORM" = xcb ] && PACKAGES="$PACKAGES libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-xkb1 libxkbcommon-x11-0 libxcb-render-util0 libxcb-shape0 libxcb-image0 libxcb-render0 libxcb-randr0 libxcb-sync1 libxcb-xfixes0 libxcb-shm0 libxcb-xinerama0"
        install_debian $PACKAGES || true
        LOST=$(missing_qt "$PLATFORM" || true)
        [ -z "$LOST" ] || { say "Qt lacks system libraries ($LOST): install them (Debian: apt-get install $PACKAGES)"; exit 1; }
    fi
fi
