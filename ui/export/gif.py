"""Gif: an animated GIF, written picture after picture: of each only what changed, and nothing is held but the last one."""

from __future__ import annotations

from typing import IO, Any

import numpy as np

Array = np.ndarray[Any, Any]

COLOURS = 256  # of a picture
LOOK, FAR, SHARE = 3, 32, 0.0005  # each third pixel; one is wrong beyond 32 of 255, and so many of a picture may be


class Gif:
    """Takes (height, width, 3) uint8 pictures; one that is as the last is shown longer.

    Args:
        out: a file, open for writing bytes.
        milliseconds: that a picture is shown.
    """

    def __init__(self, out: IO[bytes], milliseconds: int) -> None:
        self._out = out
        self._each = milliseconds
        self._last: Array | None = None
        self._waits: tuple[Any, tuple[int, int], int, bool] | None = None  # what is not written: how long it is shown is not known yet
        self._shared: Any = None  # the picture that has the colours of the file
        self._colours: Any = None  # the one that has those of the last part

    def add(self, picture: Array) -> None:
        """The next picture."""
        box = _changed(self._last, picture)
        if box is None:
            self._longer()
            return
        top, bottom, left, right = box
        part = picture[top:bottom, left:right]
        self._write()
        made = self._in_few_colours(part, picture)
        if self._last is None:
            self._begin(made)
        self._waits = made, (left, top), self._each, self._colours is not self._shared
        self._last = picture

    def end(self) -> None:
        """No more pictures."""
        self._write()
        self._out.write(b";")

    def _longer(self) -> None:
        if self._waits is not None:
            made, corner, shown, own = self._waits
            self._waits = made, corner, shown + self._each, own

    def _begin(self, first: Any) -> None:
        from PIL.GifImagePlugin import getheader

        self._shared = self._colours
        for piece in getheader(first, info={"loop": 0, "optimize": False})[0]:
            self._out.write(piece)

    def _write(self) -> None:
        from PIL.GifImagePlugin import getdata

        if self._waits is not None:
            made, corner, shown, own = self._waits
            for piece in getdata(made, corner, duration=shown, include_color_table=own):
                self._out.write(piece)
            self._waits = None

    def _in_few_colours(self, part: Array, whole: Array) -> Any:
        """With the colours of the part before, or of the file, where they do; others are chosen for the whole, which takes its time."""
        from PIL import Image

        image, most = Image.fromarray(np.ascontiguousarray(part)), int(SHARE * whole.size / 3)
        for colours in (self._colours, self._shared if self._shared is not self._colours else None):
            if colours is not None and _wrong(part, made := image.quantize(palette=colours, dither=Image.Dither.NONE)) <= most:
                self._colours = colours
                return made
        self._colours = Image.fromarray(whole).quantize(COLOURS, dither=Image.Dither.NONE)
        return image.quantize(palette=self._colours, dither=Image.Dither.NONE)


def _changed(before: Array | None, now: Array) -> tuple[int, int, int, int] | None:
    """Top, bottom, left and right of what is otherwise, compared many bytes at once; None: nothing is."""
    height, width = now.shape[:2]
    if before is None:
        return 0, height, 0, width
    if before is now:
        return None
    many = 8 if width * 3 % 8 == 0 else 1
    differs = np.not_equal(*(picture.reshape(height, -1).view(f"u{many}") for picture in (before, now)))
    rows = np.flatnonzero(differs.any(axis=1))
    if not len(rows):
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(differs[top:bottom].any(axis=0)) * many
    return top, bottom, int(columns[0]) // 3, min(-(-(int(columns[-1]) + many) // 3), width)


def _wrong(wanted: Array, made: Any) -> int:
    """How many pixels of a picture in few colours do not look as they should."""
    palette = np.zeros((COLOURS, 3), np.int16)
    found = np.frombuffer(made.palette.palette, np.uint8).reshape(-1, 3)
    palette[: len(found)] = found
    got = palette[np.asarray(made)[::LOOK, ::LOOK]]
    return int(np.count_nonzero(np.abs(wanted[::LOOK, ::LOOK] - got).max(axis=2) > FAR)) * LOOK * LOOK
