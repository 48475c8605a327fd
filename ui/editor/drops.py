"""Files of numbers dropped on the canvas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF

from gradviz.document import edits, values
from gradviz.document.model import TENSOR, Document, Value

if TYPE_CHECKING:
    from .view import EditorView


def numbers_in(mime: QMimeData) -> str:
    """The file of numbers that is dragged, "" for none."""
    found = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    return next((path for path in found if path.lower().endswith((".csv", ".tsv", ".npy"))), "")


def drop_numbers(view: EditorView, path: str, at: QPointF) -> None:
    """Into the tensor that the file is dropped on, else into a new one with its name."""
    here, desk = view.to_graph(at), view.desk
    over = desk.document.blocks.get(view.shapes.at(here))
    value = over.value if over is not None and over.value is not None else Value()

    def edit() -> Document:
        numbers = values.load(path, value)
        if over is not None and over.value is not None:
            return edits.set_value(desk.document, over.id, numbers)
        name = "".join(c if c.isalnum() else "_" for c in Path(path).stem)
        return edits.add(desk.document, TENSOR, round(here.x() / 12) * 12, round(here.y() / 12) * 12, name=name, value=numbers)[0]

    desk.attempt(f"Load {Path(path).name}", edit)
