"""What the stories begin with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gradviz.document.expression.expression import read_expression
from gradviz.document.file.keeping import save
from gradviz.document.model import Document
from gradviz.lessons import first
from tests.journeys.terminal import LESSON, Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """In a folder with a lesson as a script, a recording of it, and a graph."""
    shutil.copy(LESSON, tmp_path / "lesson.py")
    shutil.copy(first.RECORDING, tmp_path / "lesson.gvrec")
    document, _ = read_expression(Document(), "mean((w*x + b - y)**2)")
    save(document, str(tmp_path / "graph.gradviz"))
    return Terminal(tmp_path)
