#!/bin/sh
# Sets everything up and runs the tests, without a screen; arguments go to pytest.
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
. "$(dirname -- "$0")/prepare.sh"
exec "$PY" -m pytest "$@"
