"""Long names and expressions in labels: one that may not be broken makes its panel wider than the dock, and others narrower."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

LONG, PIECE = 24, 12  # letters that a panel has room for; that stay together of a name without a sign
_BREAK = "\u200b"


def breakable(text: str) -> str:
    """A text whose long expressions and names may be broken: after a sign or before a capital letter, else anywhere."""
    return re.sub(rf"\S{{{LONG},}}", _broken, text)


def _broken(found: re.Match[str]) -> str:
    parted = re.sub(r"([.,=(\[_]|[a-z](?=[A-Z]))", rf"\1{_BREAK}", found[0])
    return re.sub(rf"[^{_BREAK}]{{{PIECE}}}(?=[^{_BREAK}])", rf"\g<0>{_BREAK}", parted)


def install(app: QApplication) -> None:
    """Let copies from labels be whole texts, for a watch or a script; once."""
    if app.findChild(_Copies) is None:
        _Copies(app)


class _Copies(QObject):
    """Takes the places where a text may be broken out of what is copied."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._clipboard = app.clipboard()
        self._clipboard.dataChanged.connect(self._mend)

    def _mend(self) -> None:
        if QApplication.activeWindow() is not None and _BREAK in self._clipboard.text():  # else somebody else's window copied it
            self._clipboard.setText(self._clipboard.text().replace(_BREAK, ""))
