"""What a script prints for a terminal, as text: without orders to it."""

from __future__ import annotations

import re

_ORDERS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")


def without_orders(text: str) -> str:
    """The text without what a terminal takes as orders (colours, a cleared line)."""
    return _ORDERS.sub("", text) if "\x1b" in text else text
