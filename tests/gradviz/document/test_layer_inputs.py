"""What a layer may be called with beside its input: a state to begin with, and masks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import TENSOR, Document, Param, Value
from gradviz.document.palette.catalogue import entry
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.inference import infer
from gradviz.document.script.code import to_code

CASES: dict[str, tuple[dict[str, Param], dict[str, tuple[int, ...]]]] = {
    "nn.LSTM": ({"input_size": 3, "hidden_size": 2}, {"input": (4, 1, 3), "hx.0": (1, 1, 2), "hx.1": (1, 1, 2)}),
    "nn.GRU": ({"input_size": 3, "hidden_size": 2}, {"input": (4, 1, 3), "hx": (1, 1, 2)}),
    "nn.LSTMCell": ({"input_size": 3, "hidden_size": 2}, {"input": (1, 3), "hx.0": (1, 2), "hx.1": (1, 2)}),
    "nn.RNNCell": ({"input_size": 3, "hidden_size": 2}, {"input": (1, 3), "hx": (1, 2)}),
    "nn.MultiheadAttention": (
        {"embed_dim": 4, "num_heads": 2},
        {"query": (3, 1, 4), "key": (3, 1, 4), "value": (3, 1, 4), "attn_mask": (3, 3)},
    ),
    "nn.TransformerEncoderLayer": (
        {"d_model": 4, "nhead": 2, "dim_feedforward": 8, "dropout": 0.0},
        {"src": (3, 1, 4), "src_mask": (3, 3)},
    ),
    "nn.TransformerEncoder": (
        {"d_model": 4, "nhead": 2, "dim_feedforward": 8, "dropout": 0.0, "num_layers": 2, "enable_nested_tensor": False},
        {"src": (3, 1, 4), "mask": (3, 3)},
    ),
    "nn.TransformerDecoder": (
        {"d_model": 4, "nhead": 2, "dim_feedforward": 8, "dropout": 0.0, "num_layers": 2},
        {"tgt": (3, 1, 4), "memory": (2, 1, 4), "tgt_mask": (3, 3)},
    ),
}


def built(op: str, *, whole: bool) -> tuple[Document, str]:
    """A layer with a tensor at each of its inputs, or at those that it needs."""
    params, shapes = CASES[op]
    document, block = edits.add(Document(), op, 0, 0, name="out", params=params)
    found = entry(op)
    assert found is not None
    for k, (port, shape) in enumerate(shapes.items()):
        place = found.port(port)
        assert place is not None
        if whole or not place.optional:
            document, source = edits.add(document, TENSOR, 0, 0, value=Value(shape, (), "float32", "randn", seed=k), requires_grad=True)
            document = edits.connect(document, source, block, port)
    return document, block


def with_loss(document: Document, block: str) -> Document:
    """With one number that backward begins at."""
    for op in ("torch.exp", "torch.sum"):
        document, after = edits.add(document, op, 0, 0)
        document, block = edits.connect(document, block, after, "input"), after
    return document


@pytest.mark.parametrize("op", CASES)
def test_an_optional_input_is_taken_and_differentiated(op: str) -> None:
    plain, _ = built(op, whole=False)
    document, block = built(op, whole=True)
    ran = evaluate(document)
    assert ran.problems == {}
    assert infer(document)[block].spec == ran.specs[block][0]
    assert not np.allclose(ran.values[block], evaluate(plain).values[block])
    ran = evaluate(with_loss(document, block))
    assert all(np.abs(ran.grads[b.id]).sum() > 0 for b in document.blocks.values() if b.op == TENSOR)


@pytest.mark.parametrize("op", CASES)
def test_the_program_is_read_back_as_the_same(op: str) -> None:
    document, _ = built(op, whole=True)
    text = to_code(document).text
    again, _ = read_expression(Document(), text)
    assert evaluate(again).problems == {}
    assert to_code(again).text.split("out = ")[1].splitlines()[0] == text.split("out = ")[1].splitlines()[0]


@pytest.mark.torch
def test_the_programs_give_the_same_under_pytorch(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    whole = {op: built(op, whole=True) for op in CASES}
    program = tmp_path / "program.py"  # one after the other: PyTorch is loaded once
    program.write_text(
        "".join(
            f"{to_code(document).text}\nprint('program', out{'[0]' * (len(infer(document)[block].outputs) > 1)}.detach().reshape(-1).tolist())\n"
            for document, block in whole.values()
        )
    )
    told = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=300, check=True).stdout
    printed = [line for line in told.splitlines() if line.startswith("program ")]
    for (op, (document, block)), line in zip(whole.items(), printed, strict=True):
        numbers = [float(n) for n in line.removeprefix("program [").strip("]").split(",")]
        np.testing.assert_allclose(numbers, evaluate(document).values[block].reshape(-1), rtol=1e-5, atol=1e-6, err_msg=op)
