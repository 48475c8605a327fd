"""What a recording says about real runs of the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradviz.recording.event import Event, Kind, Phase, key_of
from gradviz.recording.location import pack
from gradviz.recording.recorder.program import UNROLLED
from gradviz.recording.recording import Recording

ACCUMULATION = """
weights = torch.ones(3, requires_grad=True)
rec.bind_name("weights", weights, 2)
rec.loop_enter(1, 4)
for epoch in range(3):
    rec.loop_iteration(1)
    out = (weights * 3).sum()
    rec.bind_name("out", out, 7)
    out.backward()
rec.loop_exit(1)
after = weights + 1
"""


def of_kind(recording: Recording, kind: Kind) -> list[Event]:
    return [recording.event(int(i)) for i in recording.events_of_kind(kind)]


def written(recording: Recording, event: Event) -> Any:
    array = recording.array(event.writes[0].value)
    return None if array is None else array.tolist()


def test_grad_accumulates_3_6_9_and_each_value_is_that_of_its_moment(record: Any) -> None:
    recording = record(ACCUMULATION)
    grad = pack("grad", 0)
    events = [recording.event(int(i)) for i in recording.writes_of(grad)]
    assert [written(recording, event) for event in events] == [[3, 3, 3], [6, 6, 6], [9, 9, 9]]
    assert [event.detail["first"] for event in events] == [True, False, False]
    assert [event.epoch for event in events] == [0, 1, 2]
    assert all(recording.array(event.reads[0].value).tolist() == [3, 3, 3] for event in events)


def test_an_epoch_has_the_sites_of_the_epoch_before(record: Any) -> None:
    recording = record(ACCUMULATION)
    by_epoch: dict[int, list[tuple[Kind, int]]] = {}
    for event in recording:
        if event.kind != Kind.BOUNDARY:
            by_epoch.setdefault(event.epoch, []).append((event.kind, event.site))
    assert by_epoch[0] == by_epoch[1] == by_epoch[2]
    assert [(s.role, s.op, s.line, s.name) for s in recording.sites] == [
        ("leaf", "tensor", 2, "weights"),
        ("op", "mul", 7, ""),
        ("bucket", "AccumulateGrad", 2, "weights"),
        ("op", "sum", 7, "out"),
        ("op", "add", 11, ""),
    ]


def test_steps_and_epochs(record: Any) -> None:
    recording = record(ACCUMULATION)
    ops = of_kind(recording, Kind.OP)
    assert [(op.step, op.epoch) for op in ops] == [(0, 0), (0, 0), (1, 1), (1, 1), (2, 2), (2, 2), (3, -1)]
    assert recording.event(0).epoch == -1  # before the loop
    marks = [(b.detail["kind"], b.detail["iteration"]) for b in of_kind(recording, Kind.BOUNDARY)]
    assert marks == [("epoch", 1), ("epoch", 2), ("end", 2)]
    assert {e.phase for e in of_kind(recording, Kind.VJP)} == {Phase.BACKWARD}
    assert [e.pass_ for e in of_kind(recording, Kind.BACKWARD_BEGIN)] == [0, 1, 2]


def test_the_events_of_one_backward_pass(record: Any) -> None:
    recording = record(ACCUMULATION)
    first = [e for e in recording if e.pass_ == 0 and e.phase == Phase.BACKWARD]
    names = [e.kind.name for e in first]
    assert names == [
        "BACKWARD_BEGIN", "SEED", "VJP", "DELIVER", "VJP", "DELIVER", "ACCUMULATE", "BACKWARD_END",
    ] or names == [
        "BACKWARD_BEGIN", "SEED", "VJP", "DELIVER", "VJP", "FREE_SAVES", "DELIVER", "ACCUMULATE", "BACKWARD_END",
    ]  # fmt: skip
    assert {e.line for e in first} == {9}
    mul = next(e for e in of_kind(recording, Kind.OP) if e.detail["op"] == "mul")
    assert (mul.detail["ports"], mul.detail["numbers"], mul.detail["grad_fn"]) == ([0], {1: 3}, "MulBackward0")
    deliver = next(e for e in first if e.kind == Kind.DELIVER and e.call == mul.call)
    bucket = next(e for e in first if e.kind == Kind.ACCUMULATE)
    assert deliver.detail == {"target": bucket.call, "input_nr": 0, "output_nr": 0, "arrived": 1, "expected": 1}
    assert mul.detail["next"] == [bucket.call, None]
    assert recording.sites[bucket.site].role == "bucket"
    assert recording.bucket_leaf(bucket.site) == 0
    where = recording.locations[deliver.writes[0].location]
    assert (where.kind, where.owner, where.slot) == ("gin", bucket.call, 0)


def test_a_loop_without_backward_is_unrolled(record: Any) -> None:
    recording = record("""
w = torch.ones(2, requires_grad=True)
rec.loop_enter(1, 3)
for epoch in range(2):
    rec.loop_iteration(1)
    h = w
    rec.loop_enter(2, 7)
    for layer in range(3):
        rec.loop_iteration(2)
        h = h * 2
    rec.loop_exit(2)
    h.sum().backward()
rec.loop_exit(1)
""")
    mul = [e.site for e in of_kind(recording, Kind.OP) if e.detail["op"] == "mul"]
    assert len(set(mul[:3])) == 3
    assert mul[3:] == mul[:3]
    assert [recording.sites[site].occurrence for site in mul[:3]] == [0, 1, 2]
    assert max(recording.column("step")) == 1


EVALUATION = """
w = torch.ones(2, requires_grad=True)
rec.loop_enter(1, 3)
for batch in range(30):
    rec.loop_iteration(1)
    with torch.set_grad_enabled({tracked}):
        h = w * 2
        found = h.sum()
rec.loop_exit(1)
"""


@pytest.mark.parametrize("tracked", [False, True])
def test_a_long_loop_without_gradients_lights_the_nodes_of_its_last_unrolled_iteration(record: Any, tracked: bool) -> None:
    recording = record(EVALUATION.format(tracked=tracked))
    for op in ("mul", "sum"):
        sites = [e.site for e in of_kind(recording, Kind.OP) if e.detail["op"] == op]
        assert len(sites) == 30
        assert len(set(sites)) == (30 if tracked else UNROLLED)  # a gradient would go through each of them
        assert tracked or set(sites[UNROLLED:]) == {sites[UNROLLED - 1]}


def test_nested_training_loops_count_batches_as_steps(record: Any) -> None:
    recording = record("""
w = torch.ones(2, requires_grad=True)
rec.loop_enter(1, 3)
for epoch in range(2):
    rec.loop_iteration(1)
    rec.loop_enter(2, 6)
    for batch in range(2):
        rec.loop_iteration(2)
        (w * 2).sum().backward()
    rec.loop_exit(2)
    check = w - 1
rec.loop_exit(1)
last = w + 1
""")
    ops = [(e.detail["op"], e.step, e.epoch) for e in of_kind(recording, Kind.OP)]
    assert ops == [
        ("mul", 0, 0), ("sum", 0, 0), ("mul", 1, 0), ("sum", 1, 0), ("sub", 2, 0),
        ("mul", 3, 1), ("sum", 3, 1), ("mul", 4, 1), ("sum", 4, 1), ("sub", 5, 1), ("add", 6, -1),
    ]  # fmt: skip
    assert len({e.site for e in of_kind(recording, Kind.OP) if e.detail["op"] == "sum"}) == 1


def test_the_path_of_calls_is_part_of_a_site(record: Any) -> None:
    recording = record("""
def twice(x):
    return x * 2
def deep(x):
    return twice(x)
w = torch.ones(2)
a = twice(w)
b = deep(w)
c, d = twice(w), twice(w)
""")
    sites = [recording.sites[e.site] for e in of_kind(recording, Kind.OP)]
    assert [key_of(s) for s in sites] == [((7,), 3, "mul", 0), ((8, 5), 3, "mul", 0), ((9,), 3, "mul", 0), ((9,), 3, "mul", 1)]


def test_peek_names_the_site_of_the_next_op(record: Any) -> None:
    peeked: list[Any] = []
    recording = record(
        """
def go(x, name):
    peeked.append(rec.peek_site(name)); return x * 2
w = torch.ones(2)
for k in range(2):
    go(w, "mul")
""",
        peeked=peeked,
    )
    assert peeked == [key_of(recording.sites[e.site]) for e in of_kind(recording, Kind.OP)]


def test_in_place_writes_keep_history_right(record: Any) -> None:
    recording = record("""
x = torch.zeros(3)
y = x + 0
view = x[0:2]
x.add_(1)
x.mul_(5)
z = x + 0
view.add_(100)
last = x + 0
""")
    writes = of_kind(recording, Kind.INPLACE_WRITE)
    assert [written(recording, e) for e in writes] == [[1, 1, 1], [5, 5, 5], [105, 105]]
    assert [(e.detail["old"], e.detail["new"]) for e in writes[:2]] == [(0, 1), (1, 2)]
    reads = [recording.array(e.reads[0].value).tolist() for e in of_kind(recording, Kind.OP)]
    assert reads == [[0, 0, 0], [5, 5, 5], [105, 105, 5]]
    assert [e.reads[0].version for e in of_kind(recording, Kind.OP)] == [0, 2, 3]
    assert [recording.sites[e.site].role for e in writes] == ["inplace"] * 3
    view = of_kind(recording, Kind.VIEW)[0]
    assert written(recording, view) == [0, 0]


def test_a_write_through_data_is_seen_although_no_version_shows_it(record: Any) -> None:
    recording = record("""
x = torch.ones(2, requires_grad=True)
a = x * 1
x.data.add_(6)
b = x * 1
""")
    reads = [recording.array(e.reads[0].value).tolist() for e in of_kind(recording, Kind.OP) if e.detail["op"] == "mul"]
    assert reads == [[1, 1], [7, 7]]


@pytest.mark.parametrize("view", ["x.view(3)", "x.reshape(1, 3)[0]", "x.view(1, 3).as_strided((3,), (1,))", "x.detach()"])
def test_a_view_that_is_read_between_two_writes_has_the_numbers_of_its_moment(start: Callable[..., Any], view: str) -> None:
    recorder, go = start(
        f"""
x = torch.zeros(3)
y = {view}
tell()
for _ in range(3):
    x.add_(1)
    y * 2
""",
        tell=lambda: pieces.append(recorder.drain()),
    )
    pieces: list[bytes] = []
    go()
    recording = Recording()
    for piece in (*pieces, recorder.drain()):
        recording.append_chunk(piece)
    reads = [recording.array(e.reads[0].value).tolist() for e in of_kind(recording, Kind.OP) if e.detail["op"] == "mul"]
    assert reads == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]


def test_one_array_at_one_version_is_stored_once(record: Any) -> None:
    recording = record("x = torch.ones(2)\na = x + x\nb = x * x\n")
    values = {ref.value for e in of_kind(recording, Kind.OP) for ref in e.reads}
    assert len(values) == 1
    assert recording.value_count == 3


def test_saves_carry_version_and_slot(record: Any) -> None:
    recording = record("x = torch.ones(2, requires_grad=True)\ny = torch.ones(2, requires_grad=True)\n(x * y).sum().backward()\n")
    saves = [e for e in of_kind(recording, Kind.SAVE) if e.detail["version"] == 0]
    slots = [recording.locations[e.writes[0].location] for e in saves]
    assert [(s.kind, s.slot) for s in slots] == [("save", 0), ("save", 1)]
    assert all(e.call == slots[0].owner for e in saves)
    vjp = next(e for e in of_kind(recording, Kind.VJP) if e.call == saves[0].call)
    assert [recording.locations[r.location].kind for r in vjp.reads] == ["gin", "save", "save"]
    assert vjp.detail["inputs"] == [0, 1]
    assert [r.value for r in vjp.reads[1:]] == [e.reads[0].value for e in saves]


def test_modes_flags_and_detach(record: Any) -> None:
    recording = record("""
x = torch.ones(2, requires_grad=True)
with torch.no_grad():
    y = x * 2
x.requires_grad_(False)
z = x.detach()
""")
    kinds = [e.kind.name for e in recording]
    assert kinds == ["CREATE_LEAF", "MODE_ENTER", "OP", "MODE_EXIT", "SET_REQUIRES_GRAD", "DETACH"]
    assert [e.grad_mode for e in recording] == [True, False, False, True, True, True]
    assert recording.event(1).detail == {"mode": "no_grad", "enabled": False}
    assert recording.event(2).detail["grad_fn"] == ""
    assert recording.locations[recording.event(4).writes[0].location].kind == "flag"
    assert recording.event(4).detail == {"value": False}
    detach = recording.event(5)
    assert recording.array(detach.reads[0].value).tolist() == recording.array(detach.writes[0].value).tolist()


def test_an_op_of_many_inputs_does_not_lose_any(record: Any) -> None:
    recording = record("parts = [torch.ones(1, requires_grad=True) for _ in range(40)]\nall = torch.stack(parts)\nall.sum().backward()\n")
    stack = next(e for e in of_kind(recording, Kind.OP) if e.detail["op"] == "stack")
    assert len(stack.reads) == len(stack.detail["ports"]) == len(stack.detail["next"]) == 40
    assert len(set(stack.detail["next"])) == 40
    vjp = next(e for e in of_kind(recording, Kind.VJP) if e.call == stack.call)
    assert [recording.locations[w.location].slot for w in vjp.writes] == list(range(40))


def test_prints_and_errors(record: Any) -> None:
    recording = record('rec.print_("hello\\n", "stdout")\nrec.error("RuntimeError", "bad", 7, "because")\n')
    assert [e.kind for e in recording] == [Kind.PRINT, Kind.ERROR]
    assert recording.event(0).detail == {"text": "hello\n", "stream": "stdout"}
    assert recording.event(1).line == 7
    assert recording.error == {"type": "RuntimeError", "text": "bad", "line": 7}


def test_a_manual_update_reads_the_bucket_of_its_leaf(record: Any) -> None:
    recording = record("""
w = torch.ones(2, requires_grad=True)
(w * 3).sum().backward()
with torch.no_grad():
    w -= 0.5 * w.grad
w.grad.zero_()
""")
    scaled = next(e for e in of_kind(recording, Kind.OP) if not e.grad_mode)
    tensor = recording.locations[scaled.reads[0].location].owner
    assert recording.sites[recording.tensor_site[tensor]].role == "bucket"
    write = of_kind(recording, Kind.INPLACE_WRITE)[0]
    assert written(recording, write) == [-0.5, -0.5]
    assert write.phase == Phase.UPDATE
    grad = pack("grad", 0)
    last = recording.event(int(recording.writes_of(grad)[-1]))
    assert (last.kind, written(recording, last), last.phase) == (Kind.ZERO_GRAD, [0, 0], Phase.UPDATE)


def test_an_optimizer_step_moves_the_parameter(record: Any) -> None:
    recording = record("""
w = torch.ones(2, requires_grad=True)
idle = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w, idle], lr=0.5)
(w * 3).sum().backward()
optimizer.step()
optimizer.zero_grad()
after = w * 1
""")
    steps = of_kind(recording, Kind.OPTIMIZER_STEP)
    assert [e.detail["skipped"] for e in steps] == [False, True]
    assert written(recording, steps[0]) == [-0.5, -0.5]
    assert recording.array(steps[0].reads[0].value).tolist() == [3, 3]
    assert recording.array(of_kind(recording, Kind.CREATE_LEAF)[0].writes[0].value).tolist() == [1, 1]
    zero = of_kind(recording, Kind.ZERO_GRAD)
    assert zero[0].writes[0].value == -1
    assert zero[0].detail == {"set_to_none": True}
    assert recording.array(of_kind(recording, Kind.OP)[-1].reads[0].value).tolist() == [-0.5, -0.5]


@pytest.mark.parametrize("everything", [True, False])
def test_chunks_make_the_recording_that_one_drain_makes(start: Callable[..., Any], record: Any, everything: bool) -> None:
    pieces: list[bytes] = []
    source = ACCUMULATION.replace("    out.backward()", "    tell()\n    out.backward()\n    tell()")
    whole = record(source, tell=lambda: None)
    recorder, go = start(source, tell=lambda: pieces.append(recorder.drain(everything)))
    go()
    pieces.append(recorder.drain())
    parts = Recording()
    for piece in pieces:
        parts.append_chunk(piece)
    assert len(parts) == len(whole)
    assert parts.sites == whole.sites
    for mine, other in zip(parts, whole, strict=True):
        same = {name: getattr(mine, name) for name in ("kind", "site", "call", "line", "step", "pass_", "phase", "detail")}
        assert same == {name: getattr(other, name) for name in same}
        for a, b in zip((*mine.reads, *mine.writes), (*other.reads, *other.writes), strict=True):
            assert (a.location, a.version) == (b.location, b.version)
            left, right = parts.array(a.value), whole.array(b.value)
            assert (left is None) == (right is None)
            assert left is None or np.array_equal(left, right)
            assert a.value < 0 or parts.stats(a.value) == whole.stats(b.value)
    if not everything:  # then the first iteration waits until its epoch is known
        assert [e.epoch for e in parts] == [e.epoch for e in whole]


def test_a_drain_from_another_thread_loses_and_mixes_nothing(start: Callable[..., Any]) -> None:
    source = """
w = torch.ones(3, requires_grad=True)
rec.loop_enter(1, 3)
for step in range(400):
    rec.loop_iteration(1)
    (w * step).sum().backward()
rec.loop_exit(1)
"""
    recorder, go = start(source)
    pieces: list[bytes] = []
    done = threading.Event()

    def drain() -> None:
        while not done.is_set():
            pieces.append(recorder.drain(everything=False))

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        go()
    finally:
        done.set()
        thread.join()
    pieces.append(recorder.drain())
    recording = Recording()
    for piece in pieces:
        recording.append_chunk(piece)
    sums = [recording.array(e.writes[0].value)[0] for e in of_kind(recording, Kind.ACCUMULATE)]
    assert sums == np.cumsum(np.arange(400, dtype=np.float32)).tolist()
    assert [e.epoch for e in of_kind(recording, Kind.VJP)] == [k // 2 for k in range(800)]
    assert recording.column("step").max() == 399


TRAINING = """
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(16, 4)
rec.loop_enter(1, 6)
for step in range(steps):
    rec.loop_iteration(1)
    opt.zero_grad()
    (model(x) ** 2).mean().backward()
    opt.step()
    tell()
rec.loop_exit(1)
"""


def test_steps_of_a_training_are_noted_as_the_same_again(start: Callable[..., Any]) -> None:
    """However often a thread asks for what is new: a step that is cut in the middle would number its values in another way."""
    sizes = []
    for steps in (400, 800):
        recorder, go = start(TRAINING, tell=lambda: pieces.extend(recorder.stream()), steps=steps)  # noqa: B023
        pieces: list[Any] = []
        go()
        pieces += recorder.pieces()
        recording = Recording()
        for piece in pieces:
            recording.append_chunk(b"".join(piece))
        assert recording.column("step").max() == steps - 1
        sizes.append((len(recording), recording.nbytes))
    (few, small), (many, large) = sizes
    assert (large - small) / (many - few) < 1  # bytes an event; a row alone has thirteen columns


def test_a_thread_that_asks_gets_what_there_is_where_no_loop_turns(start: Callable[..., Any]) -> None:
    pieces: list[Any] = []
    recorder, go = start("w = torch.ones(3)\ntell()\nw = w * 2\ntell()\nw = w * 2", tell=lambda: pieces.append(recorder.stream()))
    go()
    recording = Recording()
    for piece in pieces[1]:
        recording.append_chunk(b"".join(piece))
    assert [e.kind for e in recording] == [Kind.CREATE_LEAF, Kind.OP]


def test_a_grad_that_the_script_assigns_is_that_of_the_leaf(record: Any) -> None:
    source = """
w = torch.ones(2, requires_grad=True)
(w * 3).sum().backward()
g = w.grad * 0.5
w.grad = g
w.grad = w.grad
g.zero_()
w.grad = None
"""
    recording = record(source)
    events = [recording.event(int(i)) for i in recording.writes_of(pack("grad", 0))]
    assert [event.kind for event in events] == [Kind.ACCUMULATE, Kind.ASSIGN_GRAD, Kind.ZERO_GRAD, Kind.ZERO_GRAD]
    assert [written(recording, event) for event in events] == [[3, 3], [1.5, 1.5], [0, 0], None]
    assert (events[1].line, events[1].phase) == (5, Phase.UPDATE)


def test_blocks_in_passes_and_functions_leave_the_grad_mode_to_the_script(record: Any) -> None:
    """A checkpoint runs under enable_grad in a backward pass, or under no_grad in the forward of a Function: both have no grad mode of their own."""
    text = """
x = torch.ones(2, requires_grad=True)
torch.utils.checkpoint.checkpoint(torch.sin, x * 2, use_reentrant={reentrant}).sum().backward()
after = x * 3
with torch.no_grad():
    inside = x * 4
last = x * 5
"""
    for reentrant in (False, True):
        recording = record(text.format(reentrant=reentrant))
        products = [event for event in of_kind(recording, Kind.OP) if event.detail["op"] == "mul"]
        assert [event.grad_mode for event in products] == [True, True, False, True]
