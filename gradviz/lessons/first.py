"""The first lesson, and the recording of it that the window opens with."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "data"
SCRIPT = FOLDER / "gradient_computation.py"
RECORDING = FOLDER / "gradient_computation.gvrec"
TITLE = "Lesson: Gradient Computation"


def ours(path: str) -> bool:
    """Whether a script or lesson came with the app: it may run without being asked for trust."""
    return bool(path) and Path(path).parent == FOLDER
