# Sourced by the other scripts: a virtual environment in .venv with recos in it.
#
#   prepare [EXTRA]     installs recos, or recos[EXTRA], unless that was done since pyproject.toml changed
#
# PYTHON names the interpreter; otherwise the newest one from 3.11 on is used.

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

prepare() {
    wanted="recos${1:+[$1]} $(cksum < pyproject.toml)"
    stamp=.venv/.recos-installed
    if ! .venv/bin/python -c '' 2>/dev/null; then
        python=$(find_python)
        rm -rf .venv
        "$python" -m venv .venv
    fi
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        echo "Installing recos${1:+ with the tools for $1} in .venv ..."
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${1:+[$1]}"
        echo "$wanted" > "$stamp"
    fi
}
