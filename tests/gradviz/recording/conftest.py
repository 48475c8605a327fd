"""Scripts recorded on the real engine; they name their loops to the recorder themselves, as the runner's instrumentation does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import events
from engine.torch_module import module
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording

Run = Callable[..., Recording]


@pytest.fixture
def start() -> Callable[[str], tuple[Recorder, Callable[[], None]]]:
    """A recorder for a script, and the function that runs it; `rec` and `torch` are the script's globals."""

    def make(source: str, **names: Any) -> tuple[Recorder, Callable[[], None]]:
        recorder = Recorder("<script>", source)
        code = compile(source, "<script>", "exec")

        def go() -> None:
            with events.watch(recorder):
                exec(code, {"torch": module(), "rec": recorder, **names})

        return recorder, go

    return make


@pytest.fixture
def record(start: Callable[..., Any]) -> Run:
    """Record a script as a whole."""

    def run(source: str, **names: Any) -> Recording:
        recorder, go = start(source, **names)
        go()
        recording = Recording()
        recording.append_chunk(recorder.drain())
        return recording

    return run
