"""The parser of the command line. Loaded where there is something to parse: the window alone does without argparse."""

from __future__ import annotations

import argparse
from typing import NoReturn

from .problem import USAGE


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        """The line, and the end."""
        self.exit(USAGE, f"{self.prog}: {message} ({self.prog} --help tells more)\n")
