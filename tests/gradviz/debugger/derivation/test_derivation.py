"""Derivations: the numbers of a vjp, checked against what was recorded and against finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradviz.debugger.answers import Derivation
from gradviz.debugger.scene import Picture
from gradviz.debugger.session import Session
from gradviz.debugger.words.mathtext import plain_text
from gradviz.recording.event import Kind

from ..conftest import Open


def derivations(session: Session, op: str) -> tuple[Derivation, ...]:
    for row in session.recording.events_of_kind(Kind.VJP):
        if session.recording.sites[session.recording.event(int(row)).site].op == op:
            session.seek(int(row))
            return session.derivation()
    raise LookupError(op)


def array(picture: Picture) -> np.ndarray:
    assert picture.array is not None
    return picture.array


def test_a_product_is_upstream_times_local(basics: Session) -> None:
    basics.seek(int(basics.recording.events_of_kind(Kind.VJP)[2]))
    first, second = basics.derivation()
    assert (first.input_name, second.input_name) == ("the first y", "the second y")
    np.testing.assert_allclose(array(first.upstream.picture), [2 / 3] * 3, rtol=1e-6)
    assert first.local is not None
    np.testing.assert_allclose(array(first.local.picture), [3, 4, 5])
    np.testing.assert_allclose(array(first.product.picture), [2, 8 / 3, 10 / 3], rtol=1e-6)
    assert first.reduced is None
    assert [operand.words for operand in first.operands] == ["the second y (saved)"]
    assert first.formula == r"\bar{x} = \bar{z} \odot y"
    assert first.plain == "x̄ = z̄ ⊙ y"


def test_a_broadcast_input_gets_the_sum(open_script: Open) -> None:
    session = open_script(
        "import torch\n"
        "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
        "b = torch.tensor([[1.0], [2.0]], requires_grad=True)\n"
        "(x * b).sum().backward()\n"
    )
    for_x, for_b = derivations(session, "mul")
    assert for_x.reduced is not None
    assert for_b.reduced is not None
    np.testing.assert_allclose(array(for_x.product.picture), [[1, 1, 1], [2, 2, 2]])
    np.testing.assert_allclose(array(for_x.reduced.picture), [3, 3, 3])
    np.testing.assert_allclose(array(for_b.reduced.picture), [[6], [6]])
    assert for_x.steps[-1].startswith("x was broadcast from (3,) to (2, 3), so the sum over axis 0 goes on: [3, 3, 3]")
    assert "over axis 1" in for_b.steps[-1]


@pytest.mark.parametrize("op", ["exp", "tanh", "sigmoid", "sin", "log", "sqrt", "relu", "neg", "abs"])
def test_local_derivatives_agree_with_finite_differences(open_script: Open, op: str) -> None:
    session = open_script(
        f"import torch\nx = torch.tensor([0.3, 1.2, 2.0], dtype=torch.float64, requires_grad=True)\nx.{op}().sum().backward()\n"
    )
    (found,) = derivations(session, op)
    at = np.array([0.3, 1.2, 2.0])
    forward: Any = {"sigmoid": lambda v: 1 / (1 + np.exp(-v)), "relu": lambda v: np.maximum(v, 0), "neg": np.negative}.get(op) or getattr(
        np, op
    )
    assert found.local is not None
    np.testing.assert_allclose(array(found.local.picture), (forward(at + 1e-6) - forward(at - 1e-6)) / 2e-6, rtol=1e-6)


def test_what_is_no_product_shows_its_rule_and_its_saved_values(open_script: Open) -> None:
    session = open_script(
        "import torch\n"
        "w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\n"
        "x = torch.tensor([[5.0, 6.0]])\ny = (x @ w).sum()\n"
        "y.backward()\n"
    )
    (found,) = derivations(session, "mm")
    assert found.local is None
    assert [operand.words for operand in found.operands] == ["x (saved)"]
    np.testing.assert_allclose(array(found.product.picture), [[5, 5], [6, 6]])
    assert found.steps[1].startswith("The rule of mm is ȳ = xᵀ z̄, with x = [[5, 6]]")


def test_every_product_is_what_was_recorded(open_script: Open) -> None:
    session = open_script(
        "import torch\n"
        "x = torch.tensor([[0.5, 1.5], [2.5, 3.5]], requires_grad=True)\n"
        "y = ((x.exp() + x * 2 - x / 3) @ x.t()).mean(dim=0)\n"
        "z = (y - y.sum()).tanh().sum() * x.reshape(4)[1:3].sum()\n"
        "z.backward()\n"
    )
    checked = 0
    for row in session.recording.events_of_kind(Kind.VJP):
        session.seek(int(row))
        event = session.recording.event(int(row))
        found = session.derivation()
        assert len(found) == len(event.writes)
        for derivation, ref in zip(found, event.writes, strict=True):
            last = derivation.reduced or derivation.product
            np.testing.assert_array_equal(array(last.picture), session.recording.array(ref.value))
            assert all(derivation.steps)
            checked += 1
    assert checked > 12


def test_only_vjps_have_derivations(basics: Session) -> None:
    for event in basics.recording:
        basics.seek(event.index)
        assert bool(basics.derivation()) == (event.kind == Kind.VJP)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\bar{x} = \bar{z} \oslash y", "x̄ = z̄ ⊘ y"),
        (r"\bar{y} = -\bar{z} \odot x \oslash y^2", "ȳ = -z̄ ⊙ x ⊘ y²"),
        (r"\bar{x} = \bar{z} \odot n\,x^{n-1}", "x̄ = z̄ ⊙ n xⁿ⁻¹"),
        (r"\bar{x}_i = \frac{1}{n}\bar{z}", "x̄ᵢ = (1/n)z̄"),
        (r"\bar{y} = x^{\mathsf{T}}\,\bar{z}", "ȳ = xᵀ z̄"),
        (r"\frac{a + b}{\sqrt{c}}", "((a + b)/(√c))"),
    ],
)
def test_formulas_as_text(latex: str, text: str) -> None:
    assert plain_text(latex) == text
