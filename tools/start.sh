#!/bin/sh
# Sets everything up and opens the app; arguments go to gradviz (a script, a recording, or a command).
. "$(dirname -- "$0")/prepare.sh"
exec "$PY" main.py "$@"
