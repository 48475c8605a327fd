"""The recording that the window opens with is the one that the engine makes of its script today."""

from __future__ import annotations

from gradviz.lessons import first
from gradviz.recording.file import load
from gradviz.recording.recorder import Recorder
from gradviz.recording.recording import Recording
from gradviz.running.execute import run_recorded


def test_the_stored_recording_equals_a_fresh_one() -> None:
    source = first.SCRIPT.read_text(encoding="utf-8")
    recorder = Recorder(str(first.SCRIPT), source)
    run_recorded(str(first.SCRIPT), source, recorder)
    fresh = Recording()
    fresh.append_chunk(recorder.drain(True))
    stored = load(str(first.RECORDING))
    seen = [e for e in stored if e.kind.name != "PRINT"]
    made = [e for e in fresh if e.kind.name != "PRINT"]
    assert [(e.kind, e.line, e.epoch, e.pass_) for e in made] == [(e.kind, e.line, e.epoch, e.pass_) for e in seen]
    assert [s.name for s in fresh.sites] == [s.name for s in stored.sites]
    for a, b in zip(made, seen, strict=True):
        for x, y in zip(a.writes, b.writes, strict=True):
            left, right = fresh.array(x.value), stored.array(y.value)
            assert (left is None) == (right is None)
            assert left is None or (left.tobytes() == right.tobytes())  # type: ignore[union-attr]
