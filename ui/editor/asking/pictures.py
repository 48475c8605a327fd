"""Pictures from files and from the clipboard, read by Qt, as tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtGui import QImage, QImageReader

from gradviz.document.model import Value
from gradviz.document.number_files import Loaded, load
from gradviz.document.pictures import SUFFIXES, check_size, of_points
from gradviz.document.problem import DocumentProblem


def numbers_of(path: str, before: Value | None) -> list[Loaded]:
    """The numbers of a file: a picture's, or those of a table or an array.

    Raises:
        DocumentProblem: it cannot be read.
    """
    return [_picture(path, before)] if path.lower().endswith(SUFFIXES) else load(path, before)


def of_image(image: QImage, before: Value | None = None) -> Value:
    """The numbers of a picture.

    Raises:
        DocumentProblem: it is too large.
    """
    gray = image.isGrayscale()
    check_size(image.width(), image.height(), 1 if gray else 3)
    plain = image.convertToFormat(QImage.Format.Format_Grayscale8 if gray else QImage.Format.Format_RGB888)
    width = plain.width() * (1 if gray else 3)
    rows: np.ndarray[Any, Any] = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())[:, :width]
    return of_points(rows if gray else rows.reshape(plain.height(), plain.width(), 3), before)


def _picture(path: str, before: Value | None) -> Loaded:
    name = Path(path)
    reader = QImageReader(path)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size()
    try:
        check_size(max(size.width(), 0), max(size.height(), 0), 1)
        image = reader.read()
        if image.isNull():
            raise DocumentProblem("it is no picture that can be read, or not a whole one")
        return Loaded(name.stem, of_image(image, before), pictured=True)
    except DocumentProblem as problem:
        raise DocumentProblem(f"{name.name}: {problem}") from None
