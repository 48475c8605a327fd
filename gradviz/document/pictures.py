"""Pictures as tensors: brightness by rows and columns, or three of them for red, green and blue; from 0 to 1."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import IO

import numpy as np

from .model import LARGEST, Value
from .problem import DocumentProblem
from .values import checked

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
_GRAY = ("1", "L", "I;16", "I", "F")


def read_picture(stream: IO[bytes], before: Value | None = None) -> Value:
    """The numbers of a picture.

    Args:
        before: of the tensor that they are for: its slider stays.

    Raises:
        DocumentProblem: it is none, or too large.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings(), Image.open(stream, formats=_FORMATS) as picture:
            warnings.simplefilter("ignore")
            gray = picture.mode in _GRAY or picture.mode == "LA"
            width, height = picture.size
            count = width * height * (1 if gray else 3)
            if count > LARGEST:
                raise DocumentProblem(f"{width:,} x {height:,} points are {count:,} numbers; {LARGEST:,} are possible: make it smaller")
            high = 65535.0 if picture.mode.startswith("I") else 255.0
            array = np.asarray(picture if picture.mode.startswith("I") else picture.convert("L" if gray else "RGB"), np.float32) / high
    except DocumentProblem:
        raise
    except Exception:  # of any of the formats: what they say of a broken file is for programmers
        raise DocumentProblem("it is no picture that can be read, or not a whole one") from None
    array = array if gray else np.moveaxis(array, 2, 0)
    made = replace(before or Value(), shape=tuple(array.shape), data=tuple(array.reshape(-1).tolist()), dtype="float32", source="data")
    return checked(made)


def told(value: Value, name: str) -> str:
    """What the numbers of a picture are, in a sentence."""
    if len(value.shape) == 2:
        return f"{name} holds the brightness of {value.shape[0]} rows and {value.shape[1]} columns, from 0 to 1."
    return f"{name} holds red, green and blue of {value.shape[1]} rows and {value.shape[2]} columns, from 0 to 1."
