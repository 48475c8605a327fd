"""What the stories begin with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradviz.document.expression.expression import read_expression
from gradviz.document.file.keeping import save
from gradviz.document.model import Document
from gradviz.lessons import first
from tests.journeys.terminal import LESSON, Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """In a folder with a lesson as a script, a recording of it, and a graph."""
    shutil.copy(LESSON, tmp_path / "lesson.py")
    shutil.copy(first.RECORDING, tmp_path / "lesson.gvrec")
    document, _ = read_expression(Document(), "mean((w*x + b - y)**2)")
    save(document, str(tmp_path / "graph.gradviz"))
    types = Terminal(tmp_path)
    yield types
    left = [path.name for path in types.temporary.iterdir() if not path.name.startswith("torch")]  # PyTorch's own
    assert not left, "a command left something in the folder for temporary files"
