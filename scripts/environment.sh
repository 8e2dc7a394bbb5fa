# Sourced by the other scripts: a virtual environment in .venv with recos in it.
#
#   prepare [EXTRA]     builds and installs recos, or recos[EXTRA], unless that was done since its definition changed
#
# PYTHON names the interpreter; otherwise the newest one from 3.11 on is used. CC names the C compiler; where there is
# none, that of the package ziglang is used. Changed kernels are compiled again when they are next imported.

find_python() {
    for candidate in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3 python}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "recos needs Python 3.11 or newer; name one with PYTHON=/path/to/python" >&2
    return 1
}

install_packages() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"
}

find_compiler() {
    for candidate in ${CC:+"$CC"} cc gcc clang; do
        if command -v "${candidate%% *}" > /dev/null; then
            return
        fi
    done
    echo "No C compiler found; ziglang is used."
    install_packages ziglang
    for tool in 'cc -mcpu=baseline' ar; do
        wrapper=.venv/bin/zig-${tool%% *}
        printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m ziglang %s "$@"\n' "$PWD" "$tool" > "$wrapper"
        chmod +x "$wrapper"
    done
    CC=$PWD/.venv/bin/zig-cc
    AR=$PWD/.venv/bin/zig-ar
    export CC AR
}

prepare() {
    wanted="recos${1:+[$1]} $(cat pyproject.toml meson.build meson.options src/recos/kernels/meson.build | cksum)"
    stamp=.venv/.recos-installed
    if ! .venv/bin/python -c '' 2>/dev/null; then
        python=$(find_python)
        rm -rf .venv
        "$python" -m venv .venv
    fi
    PATH=$PWD/.venv/bin:$PATH
    export PATH
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        echo "Installing recos${1:+ with the tools for $1} in .venv ..."
        install_packages meson-python meson ninja cython
        find_compiler
        install_packages --no-build-isolation --no-deps --editable .
        install_packages "recos${1:+[$1]}"
        echo "$wanted" > "$stamp"
    fi
}
