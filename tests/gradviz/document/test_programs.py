"""Lines of a program as nodes: tensors that are made in the middle of an expression, and layers one after the other."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document, Training
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.script.code import to_code

NETWORK = """
import torch
import torch.nn as nn
torch.manual_seed(3)
x = torch.randn(60, 2)
t = torch.randint(2, (60,))
body = nn.Sequential(nn.Linear(2, 8), nn.Tanh())
model = nn.Sequential(body, nn.Dropout(0.0), nn.Linear(8, 2))
out = model(x)
loss = F.cross_entropy(out, t)
"""


def blocks(text: str) -> list[tuple[str, str]]:
    document, new = read_expression(Document(), text)
    assert not evaluate(document).problems
    assert list(new) == list(document.blocks)
    return [(b.name, b.op) for b in document.blocks.values()]


def test_tensors_are_made_where_they_stand() -> None:
    assert blocks("x = randn(8, 3)") == [("x", "tensor")]
    assert blocks("loss = mean((randn(3) - torch.tensor([1., 2., 3.]))**2)") == [
        ("x", "tensor"), ("w", "tensor"), ("sub", "torch.sub"), ("pow", "torch.pow"), ("loss", "torch.mean"),
    ]  # fmt: skip
    document, _ = read_expression(Document(), "a = linspace(-1, 1, 5)\nb = torch.arange(2, 8)\nc = torch.arange(0, 1, 0.25)")
    a, b, c = (block.value for block in document.blocks.values())
    assert a is not None and a.data == (-1.0, -0.5, 0.0, 0.5, 1.0)
    assert b is not None and (b.dtype, b.data) == ("int64", (2.0, 3.0, 4.0, 5.0, 6.0, 7.0))
    assert c is not None and (c.dtype, c.data) == ("float32", (0.0, 0.25, 0.5, 0.75))


def test_a_name_that_a_variable_has_is_the_variable() -> None:
    document, _ = read_expression(Document(), "y = ones * x")
    assert [b.name for b in document.blocks.values()] == ["ones", "x", "y"]


def test_layers_in_a_row_read_one_another() -> None:
    document, _ = read_expression(Document(), NETWORK)
    names = {b.name: b for b in document.blocks.values()}
    assert [b.op for b in names.values()] == ["tensor", "tensor", "nn.Linear", "nn.Tanh", "nn.Dropout", "nn.Linear", "F.cross_entropy"]
    assert names["out"].params == {"in_features": 8, "out_features": 2}
    way, at = [], names["out"].id
    while at != names["x"].id:
        (wire,) = document.inputs(at).values()
        at = wire.source
        way.append(document.blocks[at].op)
    assert way == ["nn.Dropout", "nn.Tanh", "nn.Linear", "tensor"]
    assert blocks("mean(Sequential(Linear(2, 3), nn.ReLU())(randn(4, 2)))")[-1] == ("mean", "torch.mean")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nn.Sequential()(x)", "Sequential takes layers"),
        ("nn.Sequential(x)(y)", "layers are needed here"),
        ("nn.Sequential(nn.Nothing(3))(y)", "there is no layer Nothing"),
        ("randn(x)", "only numbers"),
        ("arange(0, 5, -1)", "arange needs a step"),
        ("randn(3, device=1)", "takes numbers"),
    ],
)
def test_what_is_none_of_these_is_refused(text: str, words: str) -> None:
    with pytest.raises(DocumentProblem, match=words):
        read_expression(Document(), text)


@pytest.mark.torch
def test_under_pytorch_the_network_gives_the_same(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    document, _ = read_expression(Document(), NETWORK)
    document = edits.set_training(document, Training(epochs=3))
    script, loss = tmp_path / "made.py", evaluate(document).loss
    script.write_text("".join(to_code(document, loss, train=train).text for train in (False, True)))  # one process loads PyTorch
    real = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True)
    ours = subprocess.run([sys.executable, "-m", "gradviz", "run", str(script)], capture_output=True, text=True, timeout=60, check=True)
    words, numbers = _split(real.stdout)
    assert (words, len(numbers)) == (_split(ours.stdout)[0], len(_split(ours.stdout)[1])) and len(numbers) > 3
    assert _split(ours.stdout)[1] == pytest.approx(numbers, rel=1e-4, abs=1e-6)  # products of matrices are rounded otherwise


def _split(text: str) -> tuple[str, list[float]]:
    """The words, and the numbers."""
    number = r"-?\d+\.\d*(?:e-?\d+)?"
    return re.sub(r"\s+", " ", re.sub(number, "#", text)), [float(n) for n in re.findall(number, text)]
