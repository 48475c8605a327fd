"""Ops with several outputs (split, chunk, unbind, eigh): each output has a gradient, a name and elements of its own."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.debugger.questions import ask, by_consumer, by_path
from gradviz.debugger.session import Session
from tests.gradviz.debugger.conftest import record

PROGRAMS = {
    "split": "a, b, c = h.split([1, 2, 3])\nloss = (a * a).sum() + (b * a).sum() + c.exp().sum() + b.sum()",
    "chunk": "a, b = h.chunk(2)\nloss = (a * b).sum() + (b * b).sum()",
    "unbind": "a, b, c, d, e, f = h.unbind()\nloss = a * b + c * c + f",
    "eigenvalues and vectors": "v, w = torch.linalg.eigh(h.outer(h) + torch.diag(h))\nloss = v.sum() + w[0, 0] ** 2 + (v * v).sum()",
    "gates of a cell": "cell = torch.nn.LSTMCell(2, 3)\nstate = cell(h.view(3, 2))\nstate = cell(h.view(3, 2) * 2, state)\nloss = state[0].sum() + (state[1] ** 2).sum()",
}  # fmt: skip


def at_end(body: str) -> Session:
    source = f"import torch\ntorch.manual_seed(0)\nx = torch.arange(1.0, 7.0, requires_grad=True)\nh = x * 0.5\n{body}\nloss.backward()\n"
    session = Session(record(source))
    session.to_end()
    return session


def node(session: Session, title: str) -> int:
    return next(n.id for n in session.graph().nodes if n.title == title)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_parts_and_paths_of_each_gradient_sum_to_it(name: str) -> None:
    session = at_end(PROGRAMS[name])
    split = 0
    for each in session.graph().nodes:
        state = session.moment().states.get(each.id)
        whole = state.grad.array if state is not None and state.grad is not None else None
        if whole is None:
            continue
        size = max(1.0, float(np.abs(whole).max()))
        parts = by_consumer(session, each.id)
        assert all(part.array.shape == whole.shape for part in parts)
        np.testing.assert_allclose(sum(part.array for part in parts), whole, rtol=1e-4, atol=1e-5 * size)
        paths, why = by_path(session, each.id)
        assert paths, why
        np.testing.assert_allclose(sum(part.array for part in paths), whole, rtol=1e-4, atol=1e-5 * size)
        split = max(split, len(paths))
    assert split > 2


def test_a_path_fills_only_the_places_of_its_part() -> None:
    session = at_end("a, b = h.split([2, 4])\nloss = (a * 2).sum() + (b * 3).sum()")
    paths, _ = by_path(session, node(session, "x"))
    assert sorted(part.array.tolist() for part in paths) == [[0, 0, 1.5, 1.5, 1.5, 1.5], [1, 1, 0, 0, 0, 0]]


def test_an_element_comes_from_its_own_part_by_its_own_name() -> None:
    session = at_end("a, b = h.split([2, 4])\ny = b * 3\nloss = y.sum() + a.sum()")
    answer = ask(session, node(session, "y"), "why", "1")
    assert answer.sentence == "y[1] = 6: b * 3 with b[1] = 2."
    assert [words for _, words in answer.events] == ["line 5: b[1] = 2", "line 4: h[3] = 2", "line 3: x[3] = 4"]


def test_two_parts_of_one_op_are_told_apart() -> None:
    session = at_end("a, b = h.chunk(2)\nz = b + a\nloss = z.sum()")
    answer = ask(session, node(session, "z"), "why", "0")
    assert answer.sentence == "z[0] = 2.5: b + a with b[0] = 2, a[0] = 0.5."
    assert "2 of the 6 elements of h" in answer.events[2][1]


@pytest.mark.parametrize(
    "body", ["y = h.view(3, 2) @ w", "y = torch.addmm(b, h.view(3, 2), w)", "y = torch.nn.functional.linear(h.view(3, 2), w, b)"]
)
def test_the_gradient_of_a_weight_is_split_into_its_paths(body: str) -> None:
    session = at_end(
        f"w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\nb = torch.ones(2, requires_grad=True)\n{body}\nloss = y.sum() + (y * y).sum()"
    )
    paths, why = by_path(session, node(session, "w"))
    assert len(paths) == 3, why
    whole = session.moment().states[node(session, "w")].grad
    assert whole is not None
    np.testing.assert_allclose(sum(part.array for part in paths), whole.array, rtol=1e-6)
