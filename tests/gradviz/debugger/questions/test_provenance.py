"""A gradient's parts sum to it: by consumers and by paths, on written and on random programs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradviz.debugger.questions import ask, by_consumer, by_path
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from tests.gradviz.debugger.conftest import record


def node(session: Session, title: str, op: str = "") -> int:
    return next(n.id for n in session.graph().nodes if n.title == title and (not op or n.op == op))


def grad(session: Session, number: int) -> np.ndarray:
    picture = session.moment().states[number].grad
    assert picture is not None and picture.array is not None
    return picture.array


def at_end(source: str) -> Session:
    session = Session(record(source))
    session.to_end()
    return session


FAN_OUT = "import torch\nx = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\na = x * 2\nb = x.exp()\nloss = (a * b + a).sum()\nloss.backward()\n"


def test_a_name_is_written_as_the_script_writes_it_also_where_a_sentence_begins() -> None:
    session = at_end(FAN_OUT)
    assert ask(session, node(session, "x"), "parts").sentence.startswith("x.grad is [")
    assert ask(session, node(session, "a"), "parts").sentence.startswith("The gradient of a is [")


def test_a_leaf_gets_a_part_from_each_consumer() -> None:
    session = at_end(FAN_OUT)
    parts = by_consumer(session, node(session, "x"))
    assert len(parts) == 2
    np.testing.assert_allclose(sum(p.array for p in parts), grad(session, node(session, "x")), rtol=1e-6)
    x = np.array([1, 2, 3], np.float32)
    found = sorted(parts, key=lambda p: p.label)
    np.testing.assert_allclose(found[0].array, 2 * (np.exp(x) + 1), rtol=1e-6)  # through a
    np.testing.assert_allclose(found[1].array, 2 * x * np.exp(x), rtol=1e-6)  # through b


def test_an_op_gets_a_part_from_each_of_its_uses() -> None:
    session = at_end(FAN_OUT)
    row = next(
        r
        for r in range(session.length)
        if session.recording.event(r).kind == Kind.VJP and session.recording.event(r).site == node(session, "a")
    )
    session.seek(row)
    parts = by_consumer(session, node(session, "a"))
    assert len(parts) == 2
    np.testing.assert_allclose(sum(p.array for p in parts), grad(session, node(session, "a")), rtol=1e-6)


def test_paths_are_more_than_consumers_and_sum_to_the_same() -> None:
    session = at_end(FAN_OUT)
    paths = by_path(session, node(session, "x"))[0]
    assert len(paths) == 3
    assert len({p.nodes for p in paths}) == 3
    np.testing.assert_allclose(sum(p.array for p in paths), grad(session, node(session, "x")), rtol=1e-6)
    assert all(p.nodes[-1] == node(session, "x") for p in paths)


def test_what_stood_in_grad_before_is_a_part() -> None:
    session = at_end("import torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(3):\n    (w * 3).sum().backward()\n")
    parts = by_consumer(session, node(session, "w"))
    assert parts[0].label == "stood in .grad before"
    np.testing.assert_allclose(parts[0].array, [6, 6])
    np.testing.assert_allclose(sum(p.array for p in parts), [9, 9])


def test_the_same_tensor_twice_in_an_op_is_two_parts_with_numbers() -> None:
    session = at_end("import torch\ny = torch.tensor([3.0], requires_grad=True)\n(y * y).sum().backward()\n")
    parts = by_consumer(session, node(session, "y"))
    assert [p.array.tolist() for p in parts] == [[3.0], [3.0]]
    assert "input 1" in parts[0].label and "input 2" in parts[1].label


def test_a_broadcast_leaf_has_parts_of_its_own_shape() -> None:
    session = at_end("import torch\nb = torch.ones(3, requires_grad=True)\nx = torch.ones(4, 3)\n((x + b) * (x * b)).sum().backward()\n")
    for parts in (by_consumer(session, node(session, "b")), by_path(session, node(session, "b"))[0]):
        assert all(p.array.shape == (3,) for p in parts)
        np.testing.assert_allclose(sum(p.array for p in parts), grad(session, node(session, "b")), rtol=1e-6)


def test_without_a_gradient_there_are_no_parts() -> None:
    session = at_end("import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\n")
    assert by_consumer(session, node(session, "x")) == ()
    assert by_path(session, node(session, "y")) == ((), "nothing has arrived yet")


@pytest.mark.parametrize(
    ("between", "why"),
    [
        ("y = x\nfor _ in range(7):\n    y = y * 2 + y\n", "more than 64 paths lead here"),
        ("y = x * 2\ny.register_hook(lambda g: g * 2)\n", "a hook of line 14 changed it on the way"),
        ("y = Own.apply(x)\ny = y + y.exp()\n", "the rule of OwnBackward (line 12) is the script's own"),
    ],
)
def test_why_paths_cannot_be_told_apart(between: str, why: str) -> None:
    session = at_end(
        "import torch\nclass Own(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x * 3\n    @staticmethod\n"
        f"    def backward(ctx, g):\n        return g * 3\n\n\nx = torch.ones(2, requires_grad=True)\n{between}y.sum().backward()\n"
    )
    assert by_path(session, node(session, "x")) == ((), why)
    assert ask(session, node(session, "x"), "paths").sentence == f"x.grad cannot be split: {why}."


OPS = (
    "{a} * {b}",
    "{a} + {b}",
    "{a} - {b}",
    "{a}.tanh()",
    "{a}.sigmoid() * {b}",
    "{a}.exp() / 3",
    "({a} * {b}).relu()",
    "{a} @ {b}.reshape(-1, 1)",
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = ["import torch", "torch.manual_seed(0)", "x = torch.randn(3, requires_grad=True)", "v0 = x * 1.5", "v1 = torch.randn(3) + x"]
    names = ["x", "v0", "v1"]
    for k in range(2, draw(st.integers(3, 7))):
        text = draw(st.sampled_from(OPS[:-1])).format(a=draw(st.sampled_from(names)), b=draw(st.sampled_from(names)))
        lines.append(f"v{k} = {text}")
        names.append(f"v{k}")
    used = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
    lines.append(f"loss = ({' + '.join(used)}).sum()")
    return "\n".join([*lines, "loss.backward()", ""])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_the_parts_of_random_programs_sum_to_the_gradient(source: str) -> None:
    session = at_end(source)
    for found in session.graph().nodes:
        state = session.moment().states.get(found.id)
        if state is None or state.grad is None or state.grad.array is None:
            continue
        for parts in (by_consumer(session, found.id), by_path(session, found.id)[0]):
            if parts:
                np.testing.assert_allclose(np.sum([p.array for p in parts], axis=0), state.grad.array, rtol=2e-4, atol=1e-4)


@pytest.mark.parametrize("text", ["x", "v0"])
def test_paths_end_at_the_node_and_begin_at_the_root(text: str) -> None:
    session = at_end("import torch\nx = torch.ones(2, requires_grad=True)\nv0 = x * 2\nloss = (v0 * v0).sum()\nloss.backward()\n")
    for part in by_path(session, node(session, text))[0]:
        assert part.nodes[0] == node(session, "loss")
        assert part.nodes[-1] == node(session, text)
