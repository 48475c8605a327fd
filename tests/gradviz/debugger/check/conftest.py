"""Scripts run with the numeric check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gradviz.recording.recording import Recording
from gradviz.running.overrides import NumericCheck
from gradviz.running.recorded import record_here

Checked = Callable[[str], Recording]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """Runs a text under the recorder with the check."""

    def run(text: str) -> Recording:
        script = tmp_path / "script.py"
        script.write_text(text)
        return record_here(str(script), (NumericCheck(),))[0]

    return run
