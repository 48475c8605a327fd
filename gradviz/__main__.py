"""Where gradviz starts: commands without a window, and the one arrow up, which opens it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from . import cli


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    wanted = cli.parse(given)
    if wanted.command in cli.COMMANDS:
        return cli.run(wanted)
    from ui import app

    return app.run(wanted)


if __name__ == "__main__":
    raise SystemExit(main())
