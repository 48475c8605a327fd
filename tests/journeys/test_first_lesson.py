"""The recording that the window opens with is the one that the engine makes of its script today."""

from __future__ import annotations

from gradviz.lessons import first
from gradviz.recording.file.gvrec import load
from gradviz.running.recorded import record_text


def test_the_stored_recording_equals_a_fresh_one() -> None:
    source = first.SCRIPT.read_text(encoding="utf-8")
    fresh, _ = record_text(str(first.SCRIPT), source, silent=True)
    stored = load(str(first.RECORDING))
    assert [(e.kind, e.line, e.epoch, e.pass_, e.detail.get("text")) for e in fresh] == [
        (e.kind, e.line, e.epoch, e.pass_, e.detail.get("text")) for e in stored
    ]
    assert [s.name for s in fresh.sites] == [s.name for s in stored.sites]
    for a, b in zip(fresh, stored, strict=True):
        for x, y in zip(a.writes, b.writes, strict=True):
            left, right = fresh.array(x.value), stored.array(y.value)
            assert (left is None) == (right is None)
            assert left is None or (left.tobytes() == right.tobytes())  # type: ignore[union-attr]
