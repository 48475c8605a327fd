"""A step that repeats itself is compared with its pattern, not noted anew: the recording must be the same, byte for byte."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradviz.recording.columns.layout import EVENT_COLUMNS, REF_COLUMNS
from gradviz.recording.event import Kind
from gradviz.recording.recorder.following.follower import Follower
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recorder.rows import Block, Rows
from gradviz.recording.recording import Recording
from gradviz.running.recorded import _run, record_text

HERE = Path(__file__).parents[4]
SCRIPTS = sorted((HERE / "data" / "scripts").glob("*.py"))
MISTAKES = sorted(path for path in (HERE / "problems").rglob("*.py") if not path.name.startswith("test_"))

SETUP = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
v = torch.randn(3, requires_grad=True)
x, y = torch.randn(12, 3), torch.randn(12, 1)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05)
adam = torch.optim.Adam([w, v], lr=0.1)
kept = []
def half(t):
    return t * 0.5
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        ctx.save_for_backward(t)
        return t ** 3
    @staticmethod
    def backward(ctx, g):
        t, = ctx.saved_tensors
        return 3 * t * t * g
"""
# What may stand in a step, each line or block by itself.
PIECES = {
    "chain": "loss = ((w * v + 1).tanh() * 2).sum(); loss.backward()",
    "accumulates": "(w * 3).sum().backward()",
    "cleared": "w.grad = None",
    "zeroed": "if w.grad is not None: w.grad.zero_()",
    "model": "opt.zero_grad(); loss = F.mse_loss(model(x), y); loss.backward(); opt.step()",
    "adam": "adam.zero_grad(); (w * v).pow(2).sum().backward(); adam.step()",
    "by hand": "with torch.no_grad():\n    w -= 0.1 * v",
    "data": "w.data.mul_(0.9)",
    "function": "half(w).sum().backward()",
    "function twice": "(half(w) + half(v)).sum().backward()",
    "batch": "rows = slice(epoch % 4, epoch % 4 + 3); F.mse_loss(model(x[rows]), y[rows]).backward()",
    "number": "(w * epoch).sum().backward()",
    "prints": "if epoch % 3 == 0: print(epoch, w.sum().item())",
    "fresh leaf": "t = torch.ones(3, requires_grad=True); (t * w).sum().backward()",
    "hook": "h = w * 2; h.register_hook(lambda g: g * 2); h.sum().backward()",
    "retained": "h = w * 2; h.retain_grad(); h.sum().backward()",
    "twice": "l = (w * w).sum(); l.backward(retain_graph=True); l.backward()",
    "second order": "g, = torch.autograd.grad((w ** 3).sum(), w, create_graph=True); g.sum().backward()",
    "custom": "Cube.apply(w).sum().backward()",
    "in place": "h = w * 1; h.add_(v).mul_(2); h.sum().backward()",
    "view written": "h = w.clone(); h[1] = 0; (h * v).sum().backward()",
    "wide": "torch.stack([w * k for k in range(12)]).sum().backward()",
    "joined": "torch.cat([w * v, torch.stack([v.sum(), w.prod()])]).sum().backward()",
    "split": "a, b = (w * v).split([1, 2]); (a.sum() + b.sum()).backward()",
    "values": "top, where = w.sort(); top[0].backward()",
    "inner loop": "for k in range(3):\n    h = w * k\nh.sum().backward()",
    "trains inside": "for k in range(2):\n    (w * k).sum().backward()",
    "long loop": "for k in range(20):\n    h = v * 1.5\n(h * w).sum().backward()",
    "goes on": "if epoch == 5: continue",
    "once": "if epoch == 4: kept.append((w * 2).sum())",
    "old graph": "if kept: kept.pop().backward()",
    "detached": "(w.detach() * v).sum().backward()",
    "no grad": "with torch.no_grad(): h = w * v",
    "frozen": "w.requires_grad_(epoch != 6)",
    "replaced": "v = torch.randn(3, requires_grad=True); (w * v).sum().backward()",
    "saved hooks": "with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):\n    (w * w).sum().backward()",
    "many roots": "torch.autograd.backward([(w * 2).sum(), (v * w).sum()])",
    "given": "(w * v).backward(torch.ones(3))",
    "stands alone": "s = torch.tensor(2.0, requires_grad=True); s.backward()",
    "fails": "try:\n    w @ x\nexcept RuntimeError: pass",
    "backward fails": "l = w.sum(); l.backward()\ntry: (w * 2).backward()\nexcept RuntimeError: pass",
    "dropout": "F.dropout(w, 0.5).sum().backward()",
    "kept results": "kept2 = [torch.exp(w), torch.sigmoid(v)]; (kept2[0] * kept2[1]).sum().backward()",
}


@contextmanager
def following(on: bool) -> Iterator[None]:
    before, Recorder.follows = Recorder.follows, on
    try:
        yield
    finally:
        Recorder.follows = before


def recorded(source: str, on: bool) -> Recording:
    with following(on):
        return record_text("<script>", source, silent=True)[0]


def numbers(recording: Recording, name: str) -> list[Any]:
    """What each ref says, by the bytes of its value: a value that two chunks have may have two numbers."""
    refs = recording.rows(0, len(recording))
    if name != "value" or name not in refs:  # without an event there are none
        return list(refs.get(name, ()))
    arrays = {v: recording.array(v) for v in set(refs["value"].tolist()) if v >= 0}
    return [None if v < 0 else (arrays[v].shape, arrays[v].dtype.str, arrays[v].tobytes()) for v in refs["value"].tolist()]


def check_same(source: str) -> tuple[Recording, Recording]:
    plain, followed = recorded(source, False), recorded(source, True)
    check_alike(plain, followed)
    return plain, followed


def check_alike(plain: Recording, followed: Recording) -> None:
    """Two recordings say the same of the same numbers."""
    assert len(plain) == len(followed)
    for name in (*EVENT_COLUMNS, *REF_COLUMNS):
        if name in EVENT_COLUMNS and name != "template":
            assert np.array_equal(plain.column(name), followed.column(name)), name
        elif name in REF_COLUMNS:
            assert numbers(plain, name) == numbers(followed, name), name
    assert [event.detail for event in plain] == [event.detail for event in followed]
    assert list(plain.sites) == list(followed.sites)


def looped(*pieces: str, turns: int = 12) -> str:
    body = "\n".join(PIECES[piece] for piece in pieces)
    return SETUP + f"for epoch in range({turns}):\n" + "\n".join("    " + line for line in body.splitlines()) + "\nafter = (w * 2).sum()\n"


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each step that was begun with a pattern came as foretold."""
    seen: list[bool] = []
    whole = Follower._whole_turn

    def ended(self: Follower) -> bool:
        seen.append(whole(self))
        return seen[-1]

    monkeypatch.setattr(Follower, "_whole_turn", ended)
    return seen


@pytest.mark.parametrize("piece", PIECES)
def test_a_loop_of_one_thing(piece: str) -> None:
    check_same(looped(piece, "chain"))
    check_same(looped("chain", piece))


@pytest.mark.parametrize(
    "pieces", [("chain", "cleared"), ("model",), ("adam",), ("batch",), ("number", "cleared"), ("wide",), ("custom",), ("function",)]
)
def test_a_training_is_followed_from_its_third_step_on(pieces: tuple[str, ...], turns: list[bool]) -> None:
    check_same(looped(*pieces, turns=20))
    assert sum(turns) >= 15


@pytest.mark.parametrize("pieces", [("chain", "cleared"), ("chain",), ("model",), ("adam",), ("split", "cleared"), ("twice",)])
def test_the_passes_of_a_training_run_by_their_courses(pieces: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first turns are told node by node, however many there are."""
    told: list[bool] = []
    vjp = Follower.vjp
    monkeypatch.setattr(Follower, "vjp", lambda self, *given: (vjp(self, *given), told.append(True))[0])
    check_same(looped(*pieces, turns=20))
    first = len(told)
    check_same(looped(*pieces, turns=40))
    assert 0 < first == len(told) - first


def test_a_step_that_computes_with_a_growing_gradient_is_told_node_by_node() -> None:
    """It reads what the pass writes: the error of PyTorch comes at the same node, and the recording ends there."""
    check_same(SETUP + "(w * 1).sum().backward()\nfor k in range(20):\n    ((w * w.grad) * w.exp()).sum().backward()\n")
    check_same(SETUP + "(w * 1).sum().backward()\nfor k in range(20):\n    (w.exp() * (v * w.grad)).sum().backward()\n")


def test_a_step_that_differs_now_and_then_is_noted_and_the_next_is_followed(turns: list[bool]) -> None:
    check_same(looped("model", "prints", turns=30))
    assert sum(turns) >= 15


def test_a_script_that_never_repeats_itself_is_looked_at_less_and_less(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    look = Follower._look
    monkeypatch.setattr(Follower, "_look", lambda self, key: (look(self, key), looked.append(self._learner is not None))[0])
    check_same(
        SETUP
        + "import random\nrandom.seed(1)\nfor k in range(100):\n    for _ in range(random.randrange(1, 9)):\n        w = w * 1\n    w.sum().backward()\n    w = torch.randn(3, requires_grad=True)\n"
    )
    assert sum(looked) < 20


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=5), st.integers(2, 24))
def test_any_loop(pieces: list[str], count: int) -> None:
    check_same(looped(*pieces, turns=count))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(PIECES)), min_size=2, max_size=5), st.integers(1, 4), st.integers(1, 6))
def test_any_loop_in_a_loop(pieces: list[str], epochs: int, steps: int) -> None:
    inner = "\n".join("        " + line for piece in pieces[1:] for line in PIECES[piece].splitlines())
    outer = "\n".join("    " + line for line in PIECES[pieces[0]].splitlines())
    check_same(SETUP + f"for epoch in range({epochs + 2}):\n    for step in range({steps}):\n{inner}\n{outer}\n")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_whole_scripts(path: Path) -> None:
    check_same(path.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_scripts_with_mistakes(part: int) -> None:
    assert len(MISTAKES) > 300
    for path in MISTAKES[part::10]:
        check_same(path.read_text())


@pytest.mark.slow
def test_a_loop_around_every_op() -> None:
    ask = [sys.executable, "-m", "tests.gradviz.recording.recorder.following.every_op"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False, cwd=HERE.parent)
    assert done.returncode == 0, done.stderr
    *different, count = done.stdout.splitlines()
    assert not different
    assert int(count.split()[0]) > 500


def test_a_state_that_keeps_its_graph_has_more_to_come_each_time() -> None:
    source = "import torch\nw, h = torch.ones(2, requires_grad=True), torch.zeros(2)\nfor t in range(9):\n    h = (h + w * w).tanh()\n    h.sum().backward(retain_graph=True)\n"
    plain, _ = check_same(source)
    expected = [plain.event(int(row)).detail["expected"] for row in plain.events_of_kind(Kind.DELIVER)]
    assert max(expected) == 18


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
