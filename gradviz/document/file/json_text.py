"""The bytes of a file as JSON. What would take much time or memory to be parsed is refused by its signs, before that is taken."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from ..problem import DocumentProblem

LARGEST_FILE = 64 << 20
DEEPEST = 24
MOST_LISTS = 2_000_000  # lists and objects
MOST_VALUES = 8_000_000
MOST_ROWS = 500_000  # blocks, wires and frames
MOST_ESCAPES = 1_000_000
LONGEST_WHOLE = 18  # digits of a whole number that is taken as one
_PIECE = 4 << 20  # bytes that are looked at at once
_OTHERS = bytes(set(range(256)) - set(b'[]{}",'))
_AS_ONES = bytes.maketrans(b"023456789", b"1" * 9)


def parsed(data: bytes) -> Any:
    """What the bytes of a file say.

    Raises:
        DocumentProblem: it is no JSON object, or none that a document could be; with the place.
    """
    if len(data) > LARGEST_FILE:
        raise DocumentProblem(f"it has {len(data) / 1e6:,.0f} MB; a document may have {LARGEST_FILE >> 20} MB")
    if not data.strip(b"\0 \t\r\n"):
        raise DocumentProblem("it is empty" if not data else "it holds nothing but zeros or blanks")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as e:
        raise DocumentProblem("it is no text", f"byte {e.start}") from None
    lines = f"\n{text}"
    marks = [at for mark in ("\n<<<<<<< ", "\n>>>>>>> ") if (at := lines.find(mark)) >= 0]
    if marks:
        line = lines.count("\n", 0, min(marks) + 1)
        raise DocumentProblem("two versions of it were merged, and git has left its marks where they differ", f"line {line}")
    if not text.lstrip().startswith("{"):
        raise DocumentProblem("it does not begin like a document", "line 1, column 1")
    data = text.encode("utf-8", "surrogatepass") if wide else data
    if _deepest(data) > DEEPEST:
        _refuse_depth(text)
    long = b"1" * (LONGEST_WHOLE + 1) in data.translate(_AS_ONES)
    try:
        return json.loads(text, parse_int=_whole if long else None, parse_constant=_constant)
    except json.JSONDecodeError as e:
        ends = "; the file seems to be cut off" if e.pos >= len(text.rstrip()) - 1 else ""
        raise DocumentProblem(f"it is damaged: {e.msg[:1].lower()}{e.msg[1:]}{ends}", f"line {e.lineno}, column {e.colno}") from None
    except (RecursionError, ValueError) as e:
        raise DocumentProblem(f"it is damaged: {e}") from None


def _deepest(data: bytes) -> int:
    """How deep a text is nested, as far as it is JSON; a fiftieth of the time that parsing it takes.

    Raises:
        DocumentProblem: it holds more than a document can.
    """
    if b"\\" in data:
        _refuse_more("escaped signs", data.count(b"\\"), MOST_ESCAPES)
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")  # what is left of the quotes begin and end strings
    deepest = depth = inside = lists = values = rows = 0
    for begin in range(0, len(data), _PIECE):
        signs = np.frombuffer(data[begin : begin + _PIECE].translate(None, _OTHERS), np.uint8)
        within = (np.cumsum(signs == ord('"'), dtype=np.uint8) + np.uint8(inside)) & 1
        outside = signs[within == 0]
        values += int(np.count_nonzero(outside == ord(",")))
        brackets = outside[outside > ord(",")]
        opens = (brackets == ord("[")) | (brackets == ord("{"))
        depths = np.cumsum(np.where(opens, np.int8(1), np.int8(-1)), dtype=np.int32) + depth
        lists += int(np.count_nonzero(opens))
        rows += int(np.count_nonzero((brackets == ord("{")) & (depths == 3)))
        _refuse_more("blocks, wires and frames", rows, MOST_ROWS)
        _refuse_more("lists and objects", lists, MOST_LISTS)
        _refuse_more("values", values, MOST_VALUES)
        if len(signs):
            inside = int(within[-1])
        if len(depths):
            deepest, depth = max(deepest, int(depths.max())), int(depths[-1])
        if depth < 0:
            break  # the parser comes no further
    return deepest


def _refuse_more(what: str, count: int, most: int) -> None:
    if count > most:
        raise DocumentProblem(f"it has more than {most:,} {what}, and a document is never so large")


def _refuse_depth(text: str) -> None:
    """Say where a text is nested too deep, which would take a frame of the parser's stack for each level."""
    depth = 0
    for mark in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', text, re.DOTALL):
        sign = mark.group()
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                line = text.count("\n", 0, mark.start()) + 1
                raise DocumentProblem(
                    f"it is nested more than {DEEPEST} deep", f"line {line}, column {mark.start() - text.rfind(chr(10), 0, mark.start())}"
                )
        elif sign in "]}":
            depth -= 1


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_WHOLE else float(digits)


def _constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")
