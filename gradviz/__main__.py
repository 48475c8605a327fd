"""Where gradviz starts: commands without a window, and the one arrow up, which opens it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from . import cli

_DOCSTRINGS = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")  # they add texts to what is there already, and nothing else


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    wanted = cli.parse(given)
    if not wanted.command.needs_qt:
        return cli.call(wanted.command.load().run, wanted)
    prepare()
    from ui import app

    return cli.call(app.run, wanted)


def prepare() -> None:
    """What must be said before numpy is loaded, and rubbish is not looked for from here on: nothing that is loaded becomes any.

    `ui.app` says when it is looked for again.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the children: starting its threads takes numpy as long again as loading
    for name in _DOCSTRINGS:
        sys.modules.setdefault(name, ModuleType(name))  # an eighth of the loading of numpy, and nobody reads them here
    gc.disable()


if __name__ == "__main__":
    raise SystemExit(main())
