"""Words of the command line that stand for sizes, moments and files."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..problem import Problem

THEMES = ("dark", "light")


def megabytes(text: str) -> int:
    """A number of megabytes."""
    if not (text.isascii() and text.isdigit() and 16 <= int(text) <= 1 << 20):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of megabytes from 16 on")
    return int(text)


def size(text: str) -> tuple[int, int]:
    """WIDTHxHEIGHT in pixels."""
    width, _, height = text.partition("x")
    if not (text.isascii() and width.isdigit() and height.isdigit() and 16 <= int(width) <= 16384 and 16 <= int(height) <= 16384):
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 1280x800")
    return int(width), int(height)


def scale(text: str) -> float:
    """How many times as large as by itself."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.1 <= number <= 16:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0.1 to 16")
    return number


def event(text: str) -> int:
    """The number of an event."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is no event: they are counted from 1, and 0 is the start")
    return int(text)


def position(number: int | None, length: int, file: str | None, option: str = "--at") -> int:
    """The position in a recording (-1: before the first event) that an EVENT of the command line means; None: the last one.

    Raises:
        Problem: there is no such event.
    """
    if number is None:
        return length - 1
    if number > length:
        raise Problem(f"{option} {number}: {Path(file).name if file else 'the recording'} has {length:,} events (0 is the start)")
    return number - 1


def target(output: str, file: str | None, *endings: str) -> Path:
    """The file that a command is to write, before any work is done for it; `file` is what it reads.

    Raises:
        Problem: another ending than those, no such folder, a folder of that name, or the file that is read.
    """
    path = Path(output)
    if path.suffix.lower() not in endings:
        which = f"one of {', '.join(endings)}" if len(endings) > 1 else endings[0]
        raise Problem(f"cannot write {output}: its ending says what is wanted, {which}")
    if file is not None and path.resolve() == Path(file).resolve():
        raise Problem(f"cannot write {output}: it is what is read")
    if path.is_dir():
        raise Problem(f"cannot write {output}: it is a folder")
    if not path.parent.is_dir():
        raise Problem(f"cannot write {output}: there is no folder {path.parent}")
    return path
