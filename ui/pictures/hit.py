"""Places of a picture that can be clicked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF


@dataclass(frozen=True, slots=True)
class Hit:
    """A place, what it is in words, and the event to go to."""

    place: QRectF
    words: str
    event: int
