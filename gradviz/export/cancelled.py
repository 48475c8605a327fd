"""What an export raises when its user does not want it any more."""


class Cancelled(Exception):  # noqa: N818 - the user's wish
    """The export was cancelled."""
