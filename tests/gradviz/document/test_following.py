"""A tensor gets another shape: those beside it that were only drawn get shapes that fit, and no others."""

from __future__ import annotations

import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document, Value
from gradviz.document.palette.following import following
from gradviz.document.run.evaluate import evaluate


def given(text: str, *values: tuple[str, tuple[int, ...]]) -> Document:
    """An expression whose tensors are given numbers, one after the other."""
    document, _ = read_expression(Document(), text)
    for name, shape in values:
        block = next(b.id for b in document.blocks.values() if b.name == name)
        value = Value(shape, (1.0,) * Value(shape).size)
        document = following(document, edits.set_value(document, block, value), block)
    return document


def shapes(document: Document) -> dict[str, tuple[int, ...]]:
    return {b.name: b.value.shape for b in document.blocks.values() if b.value is not None}


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("loss = mean((x @ w + b - y)**2)", [("x", (20, 1))], {"x": (20, 1), "w": (1, 3), "b": (), "y": ()}),
        ("loss = bce(sigmoid(x @ w + b), y)", [("x", (8, 2)), ("y", (8, 1))], {"x": (8, 2), "w": (2, 1), "b": (), "y": (8, 1)}),
        ("loss = mse_loss(x @ w1 @ w2, y)", [("x", (7, 2))], {"x": (7, 2), "w1": (2, 3), "w2": (3, 3), "y": (7, 3)}),
        ("out = softmax(q @ k.T / 2, -1) @ v", [("q", (4, 2))], {"q": (4, 2), "k": (3, 2), "v": (3, 3)}),
        ("h1 = tanh(x1 @ W + h0 @ U + b)", [("x1", (1, 5))], {"x1": (1, 5), "W": (5, 3), "h0": (3, 3), "U": (3, 3), "b": ()}),
        ("y = w * x", [("x", (3,))], {"w": (), "x": (3,)}),
    ],
)
def test_what_was_only_drawn_follows(text: str, values: list[tuple[str, tuple[int, ...]]], wanted: dict[str, tuple[int, ...]]) -> None:
    made = given(text, *values)
    assert {name: shape for name, shape in shapes(made).items() if wanted.get(name) != shape} == {}
    assert evaluate(made).problems == {}


def test_numbers_that_were_typed_stay_and_the_problem_is_shown() -> None:
    made = given("loss = mean((x @ w)**2)", ("w", (3, 2)), ("x", (4, 5)))
    assert shapes(made) == {"x": (4, 5), "w": (3, 2)}
    assert "mat1 and mat2 shapes" in "".join(evaluate(made).problems.values())


def test_a_problem_that_was_there_before_is_left_alone() -> None:
    document, _ = read_expression(Document(), "loss = mean((x @ w)**2)")
    block = next(b for b in document.blocks.values() if b.name == "x")
    broken = edits.set_value(document, block.id, Value((2, 7), (0.0,) * 14))
    again = edits.set_value(broken, block.id, Value((2, 8), (0.0,) * 16))
    assert following(broken, again, block.id) is again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("loss = 1/2 * w**2", 0.5),
        ("loss = w / sqrt(4)", 0.5),
        ("loss = math.pi * w", 3.1415927),
        ("loss = 2**10 * w", 1024.0),
        ("loss = mse(w, 3)", 4.0),
        ("loss = dropout(w, 0.0, False)", 1.0),
        ("loss = (0.1 + 0.2) * w", 0.3),
    ],
)
def test_numbers_among_themselves_are_one_number(text: str, said: float) -> None:
    made, _ = read_expression(Document(), text.replace("mse(w, 3)", "mse(w, w + 2)"))
    ran = evaluate(made)
    assert ran.problems == {} and float(ran.values[ran.loss]) == pytest.approx(said)


def test_dropout_is_the_call_that_nothing_is_missing_at() -> None:
    made, _ = read_expression(Document(), "loss = cross_entropy(Linear(16, 3)(dropout(relu(Linear(2, 16)(x)))), y)")
    assert evaluate(made).problems == {} and {"F.dropout"} <= {b.op for b in made.blocks.values()}


@pytest.mark.parametrize("text", ["loss = w / (1 - 1)", "loss = 10**400 * w", "loss = sqrt(-1) * w"])
def test_what_is_no_number_is_refused_or_told(text: str) -> None:
    from gradviz.document.problem import DocumentProblem

    try:
        made, _ = read_expression(Document(), text)
    except DocumentProblem:
        return
    ran = evaluate(made)
    assert ran.problems or not abs(float(ran.values[ran.loss])) < 1e300
