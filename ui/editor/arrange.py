"""Auto-layout of a document, or of a part of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF

from gradviz.document import edits
from gradviz.document.inference import infer
from gradviz.document.model import Document
from gradviz.layout import layered

from .shapes import Shapes

GAP = 12.0  # more than between the cards of a recording: the names of ports stand there


def arranged(document: Document, ids: Iterable[str], corner: QPointF) -> Document:
    """Some blocks in layers along the document's direction, their corner at a point."""
    chosen = [i for i in document.blocks if i in set(ids)]
    shapes = Shapes(document, known=infer(document))
    number = {i: k for k, i in enumerate(chosen)}
    sizes = np.array([(shapes.blocks[i].rect.width() + GAP, shapes.blocks[i].rect.height() + 10) for i in chosen])
    pairs = sorted((number[w.source], number[t]) for (t, _), w in document.wires.items() if t in number and w.source in number)
    layout = layered(sizes, np.array(pairs, np.int64).reshape(-1, 2), direction=document.direction)
    places = {i: (corner.x() + float(layout.positions[k, 0]), corner.y() + float(layout.positions[k, 1])) for i, k in number.items()}
    return edits.move(document, places)
