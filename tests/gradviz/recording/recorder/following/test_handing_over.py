"""What a follower hands over while it runs, and where an interrupt finds it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from gradviz.recording.columns.layout import EVENT_COLUMNS
from gradviz.recording.event import Kind
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recorder.rows import Block, Rows
from gradviz.recording.recording import Recording
from gradviz.running.recorded import _run

from .both_ways import looped, numbers, recorded


def test_what_is_handed_over_meanwhile_is_the_same() -> None:
    """Another thread takes what is new at any moment, as the process that runs a script has one."""
    source = looped("model", "chain", "cleared", turns=400)
    whole = recorded(source, False)
    recorder = Recorder("<script>", source)
    parts: list[bytes] = []
    over = threading.Event()

    def take() -> None:
        while not over.wait(0.002):
            parts.extend(b"".join(piece) for piece in recorder.pieces(False))

    thread = threading.Thread(target=take)
    thread.start()
    try:
        _run("<script>", source, recorder, silent=True)
    finally:
        over.set()
        thread.join()
    parts.extend(b"".join(piece) for piece in recorder.pieces())
    recording = Recording()
    for part in parts:
        recording.append_chunk(part)
    assert len(parts) > 3
    assert len(recording) == len(whole)
    for name in EVENT_COLUMNS:
        if name not in ("template", "epoch", "step"):  # the first steps may be handed over before it is known that the loop trains
            assert np.array_equal(recording.column(name), whole.column(name)), name
    assert numbers(recording, "value") == numbers(whole, "value")


def test_what_was_handed_over_is_let_go_of_while_the_loop_goes_on() -> None:
    """A training of hours is one loop: what a follower has gathered must not wait until it ends."""
    source = looped("chain", "cleared", turns=400)
    recorder = Recorder("<script>", source)
    turned, held = recorder.loop_iteration, []

    def asked(loop_id: int) -> None:
        recorder.stream()
        turned(loop_id)
        held.append(len(recorder._follower._gathered))

    recorder.loop_iteration = asked  # type: ignore[method-assign]
    _run("<script>", source, recorder, silent=True)
    assert len(held) == 400
    assert 0 < max(held) < 100


@pytest.mark.parametrize("at", [1, 3])  # when the recorder hands over, and when too many rows are owed
def test_an_interrupt_waits_until_the_rows_are_written(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """As the child does it: while the recorder says that it seals, an interrupt is noted, and raised afterwards."""
    source = looped("chain", "cleared", turns=1200)
    add, recorder = Rows.add, Recorder("<script>", source)
    came: list[bool] = []

    def interrupted(self: Rows, steps: Block) -> None:
        assert recorder.sealing
        came.append(True)
        if len(came) == at:
            recorder.interrupted = True
        add(self, steps)

    monkeypatch.setattr(Rows, "add", interrupted)
    head, _, loop = source.partition("for epoch")
    body = "\n".join("    " + line for line in ("for epoch" + loop).splitlines())
    goes_on = f"{head}try:\n{body}\nexcept KeyboardInterrupt:\n    pass\nfor k in range(40):\n    (w * v).tanh().sum().backward()\n"
    after = Recorder("<script>", goes_on)
    first, recorder = recorder, after
    _run("<script>", goes_on, after, silent=True)
    recorder = first
    came.clear()
    assert after.meta.get("error") is None
    recorded_after = Recording()
    for piece in after.pieces():
        recorded_after.append_chunk(b"".join(piece))
    accumulated = [recorded_after.event(int(i)) for i in recorded_after.events_of_kind(Kind.ACCUMULATE)]
    saved = [recorded_after.event(int(i)) for i in recorded_after.events_of_kind(Kind.SAVE)]
    last_line = goes_on.count("\n")
    assert len([event for event in saved if event.line == last_line]) == 3 * 40  # w, v and what tanh gave, each time
    assert len(accumulated) > 80
    _run("<script>", source, recorder, silent=True)
    recording = Recording()
    for piece in recorder.pieces():
        recording.append_chunk(b"".join(piece))
    assert recording.error is not None and recording.error["type"] == "KeyboardInterrupt"
    whole = recorded(source, False)
    assert 4096 < len(recording) < len(whole)
    count = len(recording) - 30  # the last events tell of the interrupt
    assert np.array_equal(recording.column("kind")[:count], whole.column("kind")[:count])
    assert np.array_equal(recording.column("site")[:count], whole.column("site")[:count])


def test_an_interrupt_in_the_middle_of_a_step_leaves_what_came_before() -> None:
    source = looped("chain", turns=9) + "raise SystemExit"
    for after in range(1, 60, 7):
        broken = source.replace("loss = ", f"loss = stop(epoch, {after}) or ", 1)
        interrupt = "import sys\ncount = [0]\ndef stop(epoch, after):\n    if epoch < 6: return None\n    def tracer(frame, event, arg):\n        count[0] += 1\n        if count[0] == after:\n            sys.settrace(None)\n            raise KeyboardInterrupt\n        return tracer\n    sys.settrace(tracer)\n"
        recording = recorded(interrupt + broken, True)
        assert recording.error is not None and recording.error["type"] == "KeyboardInterrupt"
        assert [int(event.step) for event in recording][-1] >= 5
        for event in recording:
            for ref in event.writes:
                assert ref.value < 0 or recording.array(ref.value) is not None
