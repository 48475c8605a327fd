"""Pictures as tensors: brightness by rows and columns, or one of red, green and blue each; from 0 to 1. The window reads the files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .model import LARGEST, Value
from .problem import DocumentProblem
from .values import checked

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")


def check_size(width: int, height: int, colours: int) -> None:
    """Refuse a picture that is too large for a tensor.

    Raises:
        DocumentProblem: it has too many points.
    """
    count = width * height * colours
    if count > LARGEST:
        raise DocumentProblem(f"{width:,} x {height:,} points are {count:,} numbers; {LARGEST:,} are possible: make it smaller")


def of_points(points: np.ndarray[Any, Any], before: Value | None = None) -> Value:
    """The numbers of a picture.

    Args:
        points: bytes by rows and columns, of a picture with colours with these behind.
        before: of the tensor that they are for: its slider stays.
    """
    array = points.astype(np.float32) / np.float32(255.0)
    array = np.moveaxis(array, 2, 0) if array.ndim == 3 else array
    made = replace(before or Value(), shape=tuple(array.shape), data=tuple(array.reshape(-1).tolist()), dtype="float32", source="data")
    return checked(made)


def told(value: Value, name: str) -> str:
    """What the numbers of a picture are, in a sentence."""
    if len(value.shape) == 2:
        return f"{name} holds the brightness of {value.shape[0]} rows and {value.shape[1]} columns, from 0 to 1."
    return f"{name} holds red, green and blue of {value.shape[1]} rows and {value.shape[2]} columns, from 0 to 1."
