"""How an export is told how far it is, and what it raises when its user does not want it any more."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], bool]  # how much of how much is done; False: enough of it


class Cancelled(Exception):  # noqa: N818 - the user's wish
    """The export was cancelled."""
