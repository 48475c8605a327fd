"""Moments: what each card shows at each position."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.debugger.derivation.upcoming import upcoming
from gradviz.debugger.graph.moment import Moments
from gradviz.debugger.graph.states import States
from gradviz.debugger.scene import NodeState, Status
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind

from ..conftest import Open


def node(session: Session, title: str, op: str = "") -> int:
    return next(n.id for n in session.graph().nodes if n.title == title and op in ("", n.op))


def state(session: Session, title: str, op: str = "") -> NodeState:
    return session.moment().states[node(session, title, op)]


def rows(session: Session, kind: Kind) -> list[int]:
    return [int(e) for e in session.recording.events_of_kind(kind)]


def numbers(picture: object) -> list[float]:
    array = getattr(picture, "array", None)
    assert array is not None
    return [round(float(v), 4) for v in np.ravel(array)]


def test_small_moves_and_jumps_give_the_same_states(loops: Session) -> None:
    reading = loops._reading()
    walking = Moments(loops.recording, reading.columns, reading.trace)
    positions = [*range(loops.length), *range(loops.length - 1, -1, -1), *range(0, loops.length, 7)]
    for position in positions:
        fresh = Moments(loops.recording, reading.columns, reading.trace).at(loops.graph(), position)
        assert walking.at(loops.graph(), position) == fresh


def test_nothing_is_there_before_the_first_event(basics: Session) -> None:
    moment = basics.moment()
    assert (moment.states, moment.current, moment.pulses, moment.caption) == ({}, (), (), "")


def test_values_appear_when_computed(basics: Session) -> None:
    basics.seek(rows(basics, Kind.OP)[0])
    assert numbers(state(basics, "y").value) == [3.0, 4.0, 5.0]
    assert node(basics, "mul") not in basics.moment().states
    assert basics.moment().caption == "y = x + 2 computed: [3, 4, 5]"
    assert [(p.source, p.target, p.forward) for p in basics.moment().pulses] == [(node(basics, "x"), node(basics, "y"), True)]


def test_a_node_waits_sums_fires_and_is_freed(basics: Session) -> None:
    to_y = [row for row in rows(basics, Kind.DELIVER) if basics.recording.event(row).detail["expected"] == 2]
    basics.seek(to_y[0])
    waiting = state(basics, "y")
    assert (waiting.status, waiting.arrived, waiting.expected, numbers(waiting.grad)) == (Status.WAITING, 1, 2, [2.0, 2.6667, 3.3333])
    assert basics.moment().caption.startswith("1 of 2 cotangents arrived at y: so far [2, 2.67, 3.33]")
    basics.seek(to_y[1])
    ready = state(basics, "y")
    assert (ready.status, numbers(ready.grad)) == (Status.READY, [4.0, 5.3333, 6.6667])
    assert "the sum is now [4, 5.33, 6.67]" in basics.moment().caption
    assert state(basics, "mul").status == Status.FREED
    assert "freed" in state(basics, "mul").badges
    basics.step_into()
    assert state(basics, "y").status == Status.FIRED


def test_pulses_run_against_the_arrows_and_stay_on_the_edges_they_crossed(basics: Session) -> None:
    deliveries = rows(basics, Kind.DELIVER)
    basics.seek(deliveries[1])
    moment = basics.moment()
    second = node(basics, "z", "mul")
    assert [(p.source, p.target, p.port, p.forward) for p in moment.pulses] == [(node(basics, "mul"), second, 0, False)]
    np.testing.assert_allclose(moment.pulses[0].magnitude, np.sqrt(3) * 2 / 3, rtol=1e-6)
    assert set(moment.flown) == {(second, node(basics, "z", "mean"), 0), (node(basics, "mul"), second, 0)}
    basics.to_end()
    graph_edges = {(e.source, e.target, e.port) for e in basics.graph().edges if e.kind == "grad"}
    assert set(basics.moment().flown) == graph_edges


def test_the_bucket_fills_when_the_gradient_is_accumulated(loops: Session) -> None:
    bucket = next(n.id for n in loops.graph().nodes if n.title == "weights.grad")
    found = []
    for row in rows(loops, Kind.ACCUMULATE)[:3]:
        loops.seek(row - 1)
        assert loops.moment().states[bucket].status == Status.READY
        loops.seek(row)
        found.append(numbers(loops.moment().states[bucket].grad))
        assert loops.moment().states[bucket].status == Status.FIRED
    assert found == [[3.0] * 3, [6.0] * 3, [9.0] * 3]
    assert loops.moment().caption == "weights.grad was [6, 6, 6]; [3, 3, 3] is added: now [9, 9, 9]"


def test_each_step_starts_with_ghosts_but_the_leaf_stays(loops: Session) -> None:
    nodes = loops.graph().nodes
    leaf, product = nodes[0].id, nodes[2].id
    first_of_epoch_1 = next(e.index for e in loops.recording if e.epoch == 1 and e.kind == Kind.BOUNDARY)
    loops.seek(first_of_epoch_1)
    assert leaf in loops.moment().states
    assert product not in loops.moment().states
    loops.to_end()
    assert loops.moment().states[product].status == Status.FREED  # after its last run it stays to be looked at


def test_retained_graph_fires_twice(open_script: Open) -> None:
    session = open_script(
        "import torch\n"
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x * x\n"
        "z = y.sum()\nz.backward(retain_graph=True)\nz.backward()\n"
    )
    begins = rows(session, Kind.BACKWARD_BEGIN)
    session.seek(begins[1] - 1)
    assert state(session, "y").status == Status.FIRED
    session.seek(begins[1])
    assert (state(session, "y").status, state(session, "y").grad) == (Status.COMPUTED, None)
    session.to_end()
    assert state(session, "y").status == Status.FREED
    assert numbers(state(session, "x").grad) == [4.0, 8.0]


def test_flags_and_modes_show_as_badges(open_script: Open) -> None:
    session = open_script(
        "import torch\nx = torch.ones(2, requires_grad=True)\n"
        "with torch.no_grad():\n    k = x * 2\nd = x.detach()\n"
        "x.requires_grad_(False)\n"
    )
    session.to_end()
    assert state(session, "x").badges == ("leaf",)
    assert state(session, "k").badges == ("no_grad",)
    assert state(session, "d").badges == ("detached",)
    session.seek(0)
    assert state(session, "x").badges == ("leaf", "requires_grad")
    assert not session.moment().error


def test_an_overwritten_saved_value_is_stale(open_script: Open) -> None:
    session = open_script("import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\nz = y * y\ny.add_(1)\nz.sum().backward()\n")
    session.seek(rows(session, Kind.INPLACE_WRITE)[0] - 1)
    assert "stale" not in state(session, "z").badges
    session.step_into()
    assert state(session, "z").badges == ("requires_grad", "saved", "stale")
    session.to_end()
    assert "modified by an inplace operation" in session.moment().error


@pytest.mark.parametrize(
    "text",
    [
        "x + 2", "x * x * 2", "(w * 3 - 1) ** 2", "2 - x", "x - (w - x)", "x / (w * x)", "-(x + w) * x", "(-x) ** 2", "-x ** 2",
        "(x + w).sum()", "x.sum(dim=0)", "x.exp() * (w - 1).tanh()", "x ** 2 ** 0.5",
    ],
)  # fmt: skip
def test_expressions_are_written_as_the_script_wrote_them(open_script: Open, text: str) -> None:
    session = open_script(f"import torch\nx = torch.ones(2, requires_grad=True)\nw = torch.ones(2)\ny = {text}\n")
    session.seek(rows(session, Kind.OP)[-1])
    assert session.moment().caption.startswith(f"y = {text} computed: ".replace("2 ** 0.5", f"{2**0.5:g}"))


def test_a_function_of_the_script_is_written_with_its_apply(open_script: Open) -> None:
    session = open_script(
        "import torch\nclass Double(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x * 2\n"
        "    @staticmethod\n    def backward(ctx, g):\n        return g * 2\nx = torch.ones(2, requires_grad=True)\ny = Double.apply(x) + 1\n"
        "with torch.no_grad():\n    k = Double.apply(x + 1)\n"
    )
    captions = []
    for row in rows(session, Kind.OP):
        session.seek(row)
        captions.append(session.moment().caption)
    assert captions[2] == "y = Double.apply(x) + 1 computed: [3, 3]"
    assert captions[-1].startswith("k = Double.apply(x + 1) computed: [4, 4]")


def test_a_hook_says_what_became_of_the_gradient(open_script: Open) -> None:
    session = open_script(
        "import torch\nw = torch.ones(2, requires_grad=True)\nh = w * 2\nh.register_hook(lambda g: g * 10)\nh.register_hook(lambda g: None)\n"
        "h.retain_grad()\nw.register_post_accumulate_grad_hook(lambda p: None)\n(h * 3).sum().backward()\n"
    )
    captions = []
    for row in rows(session, Kind.HOOK):
        session.seek(row)
        captions.append(session.moment().caption)
    assert captions == [
        "a hook at h changed the gradient: it was [3, 3], now [30, 30]",
        "a hook at h ran and left the gradient as it was: [30, 30]",
        "h.grad keeps the gradient (retain_grad): [30, 30]",
        "a hook at w ran (post_accumulate_grad)",
    ]


def test_a_state_is_found_when_it_is_looked_at_and_whether_a_node_is_born_without(loops: Session) -> None:
    loops.to_end()
    moment = loops.moment()
    states = moment.states
    assert isinstance(states, States) and not states.found
    born = [each.id for each in loops.graph().nodes if each.id in states]
    assert born == list(states) and not states.found
    states.get(born[0])
    assert list(states.found) == [born[0]]
    assert states.get(-1) is None and -1 not in states
    with pytest.raises(KeyError):
        states[10**9]


def test_a_step_has_one_number_in_its_caption_and_above_the_timeline(open_script: Open) -> None:
    session = open_script(
        "import torch\nw = torch.ones(2, requires_grad=True)\nfor epoch in range(3):\n    for k in range(2):\n        (w * k).sum().backward()\n"
    )
    told = []
    for row in rows(session, Kind.BOUNDARY):
        session.seek(row)
        if "begins" in session.moment().caption:
            told.append((session.moment().caption, session.event.step))
    steps = [(caption, step) for caption, step in told if caption.startswith("step")]
    assert [caption for caption, step in steps] == [
        f"step {step} begins: turn {k % 2} of the loop of line 4" for k, (_, step) in enumerate(steps, 1)
    ]
    assert len({step for _, step in steps}) == len(steps) == 5


def test_what_comes_of_a_function_without_a_formula_ends_its_sentence(open_script: Open) -> None:
    session = open_script(
        "import torch\nclass Double(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x * 2\n"
        "    @staticmethod\n    def backward(ctx, g):\n        return g * 2\nw = torch.ones(2, requires_grad=True)\ny = Double.apply(w)\nz = w.exp()\n"
    )
    told = {}
    for row in rows(session, Kind.OP):
        session.seek(row)
        told[session.moment().caption.split(" ")[0]] = upcoming(session)
    assert told["y"].words == "DoubleBackward of y is never asked for a gradient." and told["y"].rules == ()
    assert told["z"].words == "ExpBackward0 of z is never asked for a gradient; it would do this" and len(told["z"].rules) == 1
