"""Imports that find nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ....packages import missing
from ..finding import Diagnosis, replaced

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


def package_missing(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """A package that is not installed, that only PyTorch itself can run, or that is misspelt."""
    words = missing.of_text(text)
    if words is None:
        return None
    wrong, right = missing.misspelt(text)
    fix = replaced(run, line, rf"\b{re.escape(wrong)}\b", right) if right else None
    return Diagnosis("missing package", words[0], fix=fix, advice=words[1], line=line)
