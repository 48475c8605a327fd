"""Numbers as spreadsheets write them: `1 000`, `1.234,5`, `50%`, `−3`, `$1.50`, `TRUE`, and cells that hold a spreadsheet's error.

Which of comma and point is the decimal mark is a matter of the whole table: `1.234` beside `1.234,5` is a thousand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

MISSING = frozenset({"", "na", "n/a", "#n/a", "null", "none", "nan"})  # as pandas reads them
TRUTHS = {"true": 1.0, "false": 0.0}
_ERROR = re.compile(r"#(?:[A-Z/0]+[!?]|N/A|SPILL!|CALC!|BLOCKED!)", re.IGNORECASE)
_GROUPED = re.compile(r"([+-]?\d{1,3})((?:[ \u00a0\u2009\u202f'\u2019]\d{3})+)(?=[.,]|$)")
_SIGNS = "$€£¥"
_SHAPES = {
    mark: re.compile(rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(mark)}\d*)?") for mark, group in ((".", ","), (",", "."))
}


def is_error(cell: str) -> bool:
    """Whether a spreadsheet could not compute the cell: `#REF!`, `#DIV/0!`, `#NAME?`."""
    return cell.startswith("#") and _ERROR.fullmatch(cell) is not None and cell.lower() not in MISSING


def decimal_mark(cells: Iterable[str], otherwise: str) -> str:
    """Which of "." and "," comes before the fraction.

    Args:
        otherwise: where every number can be read both ways (`1,234`).
    """
    grouped = False
    for cell in cells:
        if "," not in cell and cell.count(".") < 2:
            continue
        text = _bare(cell)
        point, comma = text.rfind("."), text.rfind(",")
        if _SHAPES["."].fullmatch(text) and (point > comma or text.count(",") > 1):
            return "."
        if _SHAPES[","].fullmatch(text) or not _SHAPES["."].fullmatch(text):
            if text.replace(",", "").replace(".", "").lstrip("+-").isdigit():
                return ","
        else:
            grouped = True
    return otherwise if grouped else "."


def number(cell: str, mark: str = ".") -> float | None:
    """The number of a cell, nan for an empty one, None for words.

    Args:
        mark: what comes before the fraction, "." or ",".
    """
    plain = mark == "." or "." not in cell
    read = _float(cell) if plain else None
    if read is not None:
        return read
    word = cell.lower()
    if word in MISSING:
        return math.nan
    if word in TRUTHS:
        return TRUTHS[word]
    text = _bare(cell)
    if _SHAPES[mark].fullmatch(text):
        text = text.replace("," if mark == "." else ".", "")
    if mark == ",":
        text = text.replace(",", ".")
    read = _float(text)
    return read / 100 if read is not None and "%" in cell else read


def _bare(cell: str) -> str:
    """Only the digits and their marks: a minus as ASCII writes it, no per cent, no currency, no spaces between groups of three digits."""
    text = cell.replace("\u2212", "-")
    if text.endswith("%"):
        text = text[:-1].rstrip()
    sign = text[:1] if text[:1] in ("+", "-") else ""
    text = sign + text[len(sign) :].strip(_SIGNS + " \u00a0\u202f")
    return _GROUPED.sub(lambda found: found.group(1) + re.sub(r"\D", "", found.group(2)), text, count=1)


def _float(text: str) -> float | None:
    if "_" in text:  # Python's own, in no table
        return None
    try:
        return float(text)
    except ValueError:
        return None
