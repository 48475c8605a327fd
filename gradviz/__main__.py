"""Where gradviz starts: commands without a window, and the one arrow up, which opens it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from . import cli


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    wanted = cli.parse(given)
    if not wanted.command.needs_qt:
        return cli.call(wanted.command.load().run, wanted)
    preload()
    from ui import app

    return cli.call(app.run, wanted)


def preload() -> None:
    """Load what knows no Qt first: PySide6 reads the source of every module that is imported after it (0.07 s for ours and numpy)."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the children: starting its threads takes numpy as long again as loading
    gc.disable()  # nothing of this becomes rubbish
    try:
        from . import layout
        from .debugger import session
        from .lessons import first
        from .loading import script
        from .recording import file, journal
        from .running import parsing
    finally:
        gc.enable()
    del layout, session, first, script, file, journal, parsing


if __name__ == "__main__":
    raise SystemExit(main())
