"""Formulas as people write them on a board: read as they are meant, or refused with how it is written here."""

from __future__ import annotations

import pytest

from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("w = 3\nf = w * 2", 6.0),
        ("w = -0.5\nf = w + 1", 0.5),
        ("x = [-1.0, 2.0]\nf = max(0, 1 - x).sum()", 2.0),
        ("x = [-1.0, 2.0]\nf = min(x, 0.5).sum()", -0.5),
        ("x = [-1.0, 2.0]\nm, at = max(x, 0)\nf = m * 3", 6.0),
        ("x = [1.0, 2.0]\ny = [1.0, 4.0]\nf = MSE(x, y)", 2.0),
        ("x = [0.5]\ny = [1.0]\nf = BCE(x, y)", 0.6931472),
    ],
)
def test_what_is_written_is_what_is_computed(text: str, value: float) -> None:
    document, _ = read_expression(Document(), text)
    names = {b.name: b.id for b in document.blocks.values()}
    assert {line.split(" = ")[0] for line in text.splitlines() if "," not in line.split(" = ")[0]} <= names.keys()
    assert float(evaluate(document).values[names["f"]].item()) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("loss = |x - y|", "an absolute value is written abs(x), a length norm(x)"),
        ("loss = ||w||**2", "an absolute value is written abs(x), a length norm(x)"),
        ("y = sin(x)cos(x)", "a product is written with *: 2*w"),
        ("y = 2x", "a product is written with *: 2*w"),
        ("y = lstm(x)", "there is no function lstm: did you mean LSTM or lstm_cell?"),
        ("y = KL(p, q)", "there is no function KL: did you mean kl_div or KLDivLoss?"),
        ("y = model(x)", "there is no function model"),
    ],
)
def test_what_is_not_read_is_refused_with_how_it_is_written(text: str, words: str) -> None:
    with pytest.raises(DocumentProblem) as refused:
        read_expression(Document(), text)
    assert str(refused.value).startswith(words)
    assert "did you mean" in words or "did you mean" not in str(refused.value)
