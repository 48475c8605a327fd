"""Long names and expressions in labels: one that may not be broken makes its panel wider than the dock, and others narrower."""

from __future__ import annotations

import re

LONG, PIECE = 24, 12  # letters that a panel has room for; that stay together of a name without a sign
_BREAK = "\u200b"


def breakable(text: str) -> str:
    """A text whose long expressions and names may be broken: after a sign, else anywhere."""
    return re.sub(rf"\S{{{LONG},}}", _broken, text)


def _broken(found: re.Match[str]) -> str:
    after_signs = re.sub(r"([.,=(\[_])", rf"\1{_BREAK}", found[0])
    return re.sub(rf"[^{_BREAK}]{{{PIECE}}}(?=[^{_BREAK}])", rf"\g<0>{_BREAK}", after_signs)
