"""The recording of a lesson's script: in a child process as any script, or here, for those that come with the app."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ..loading.script import ScriptProblem, load_script
from ..recording.recording import Recording
from ..running.overrides import Override
from ..running.process import in_child
from .problem import LessonProblem

PATIENCE = 120.0  # seconds that the script of a lesson may take
_SEED = re.compile(r"(torch\.manual_seed\(\s*)(\d+)(\s*\))")

Record = Callable[[Path, str, Sequence[Override]], Recording]


def source_of(path: Path) -> str:
    """The text of a lesson's script."""
    try:
        return load_script(str(path))
    except (OSError, ScriptProblem) as problem:
        raise LessonProblem(f"the script {path.name} cannot be read: {problem}", "source") from None


def reseeded(source: str, seed: int) -> str:
    """The script with another seed.

    Raises:
        LessonProblem: it sets none.
    """
    made, count = _SEED.subn(rf"\g<1>{seed}\g<3>", source, count=1)
    if not count:
        raise LessonProblem("the script of the check must call torch.manual_seed(NUMBER), so that its numbers can be fresh.", "check")
    return made


def record_in_child(path: Path, source: str, overrides: Sequence[Override] = ()) -> Recording:
    """Run a script in a child process under its limits, and wait for it."""
    try:
        recording, ended = in_child.record_in_child(str(path), source, overrides, PATIENCE)
    except in_child.Patience:
        raise LessonProblem(f"the script {path.name} takes longer than {PATIENCE:.0f} seconds.", "source") from None
    if not len(recording):
        raise LessonProblem(f"the script {path.name} recorded nothing: {ended.reason or 'it uses no tensors'}.", "source")
    return recording


def record_here(path: Path, source: str, overrides: Sequence[Override] = ()) -> Recording:
    """Run a script of our own in this process: its prints are recorded and shown nowhere."""
    from ..running.recorded import record_text

    return record_text(str(path), source, overrides, silent=True)[0]
