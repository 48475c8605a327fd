"""The palette is the engine: every op and layer that it publishes, placed, run, differentiated and written as code."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.expression.indexing import INDEX
from gradviz.document.file.text import Opened, read, write
from gradviz.document.model import TENSOR, Document, Param, Training, Value, Wire
from gradviz.document.palette.catalogue import catalogue, entry, offered
from gradviz.document.palette.search import search
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.inference import infer
from gradviz.document.run.training import Trainer
from gradviz.document.script.code import to_code

# for what a Module is made of others, or has no forward of its own
NO_LAYERS = {
    "DataParallel",
    "Module",
    "ModuleDict",
    "ModuleList",
    "ParameterDict",
    "ParameterList",
    "Sequential",
}


def placed(op: str, *tensors: Value, **params: Param) -> tuple[Document, str]:
    """A block with a tensor at each of its first ports."""
    found = entry(op)
    assert found is not None
    document, block = edits.add(Document(), op, 0, 0, params=params)
    for k, value in enumerate(tensors):
        port = found.ports[0] if found.ports[0].many else found.ports[k]
        document, source = edits.add(document, TENSOR, 0, 0, value=value, requires_grad=value.dtype.startswith("float"))
        document = edits.connect(document, source, block, f"{port.name}.{k}" if port.many else port.name)
    return document, block


def numbers(*shape: int, dtype: str = "float32", low: float = 0.2) -> Value:
    size = int(np.prod(shape))
    data = tuple(float(k % 2) for k in range(size)) if dtype == "int64" else tuple(round(low + 0.13 * (k % 5), 3) for k in range(size))
    return Value(shape, data, dtype)


def test_every_layer_of_the_engine_is_there() -> None:
    import engine.torch_module as torch_module
    from engine.naming.namespace import FUNCTIONAL
    from engine.nn.modules.layer import RowLayer

    nn = torch_module.module().nn
    layers = {n for n in dir(nn) if inspect.isclass(getattr(nn, n)) and issubclass(getattr(nn, n), nn.Module) and not n.startswith("_")}
    without = {
        n for n in layers if issubclass(getattr(nn, n), RowLayer) and getattr(nn, n).function not in FUNCTIONAL
    }  # not in the engine yet
    found = {e.title for e in offered() if e.layer}
    assert layers - found - NO_LAYERS - without == set()
    assert len(found) > 130


def test_every_differentiable_function_of_the_engine_is_there() -> None:
    from engine.naming.namespace import FUNCTIONAL, LINALG, SPECIAL, TORCH
    from engine.op import Op

    missing = []
    for prefix, table in (("torch", TORCH), ("F", FUNCTIONAL), ("torch.linalg", LINALG), ("torch.special", SPECIAL)):
        for name, function in table.items():
            rows = [c.cell_contents for c in getattr(function, "__closure__", None) or () if isinstance(c.cell_contents, Op)]
            twin = name.endswith(("_copy", "_")) or name.startswith("_")  # what differs in memory only
            if rows and rows[0].differentiable and not twin and entry(f"{prefix}.{name}") is None:
                missing.append(f"{prefix}.{name}")
    assert missing == []
    for method in ("view", "expand", "repeat", "sum_to_size"):
        assert entry(f"Tensor.{method}") is not None
    assert len(offered()) > 550


CALLS: list[tuple[str, tuple[Value, ...], dict[str, Param], str]] = [
    ("torch.gather", (numbers(2, 2), numbers(2, 2, dtype="int64")), {"dim": 1}, "torch.gather(x, 1, w)"),
    ("torch.index_select", (numbers(3, 2), numbers(2, dtype="int64")), {"dim": 0}, "torch.index_select(x, 0, w)"),
    ("torch.scatter_add", (numbers(2, 2), numbers(2, 2, dtype="int64"), numbers(2, 2)), {"dim": 1}, "torch.scatter_add(x, 1, w, b)"),
    ("torch.addmm", (numbers(2, 2), numbers(2, 3), numbers(3, 2)), {}, "torch.addmm(x, w, b)"),
    ("torch.lerp", (numbers(3), numbers(3), numbers(3)), {}, "torch.lerp(x, w, b)"),
    ("torch.einsum", (numbers(2, 3), numbers(3, 2)), {"equation": "ij,jk->ik"}, "torch.einsum('ij,jk->ik', x, w)"),
    ("torch.linalg.det", (numbers(3, 3, low=0.7),), {}, "torch.linalg.det(x)"),
    ("torch.linalg.cholesky", (Value((2, 2), (2.0, 0.5, 0.5, 1.0)),), {}, "torch.linalg.cholesky(x)"),
    ("torch.reshape", (numbers(2, 3),), {"shape": (3, 2)}, "torch.reshape(x, (3, 2))"),
    ("Tensor.view", (numbers(2, 3),), {"size": (3, 2)}, "x.view((3, 2))"),
    ("Tensor.expand", (numbers(1, 3),), {"size": (2, 3)}, "x.expand((2, 3))"),
    (INDEX, (numbers(2, 3),), {"index": ":, 1:3"}, "x[:, 1:3]"),
    (INDEX, (numbers(2, 3),), {"index": 0}, "x[0]"),
    ("nn.ReLU", (numbers(2, 3),), {}, "relu_layer(x)"),
    ("nn.MSELoss", (numbers(2, 3), numbers(2, 3, low=0.5)), {}, "mseloss_layer(x, w)"),
    ("nn.CrossEntropyLoss", (numbers(2, 3), numbers(2, dtype="int64")), {}, "crossentropyloss_layer(x, w)"),
    ("nn.MaxPool2d", (numbers(1, 1, 4, 4),), {"kernel_size": 2}, "maxpool2d_layer(x)"),
    ("nn.RNN", (numbers(4, 2, 3),), {"input_size": 3, "hidden_size": 2, "nonlinearity": "relu"}, "rnn_layer(x)"),
    ("nn.GRU", (numbers(4, 2, 3),), {"input_size": 3, "hidden_size": 2}, "gru_layer(x)"),
    ("nn.LSTM", (numbers(4, 2, 3),), {"input_size": 3, "hidden_size": 2}, "lstm_layer(x)"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "tensors", "params", "written"), CALLS, ids=[f"{c[0]} {c[3]}" for c in CALLS])
def test_a_node_is_placed_run_inferred_and_written(op: str, tensors: tuple[Value, ...], params: dict[str, Any], written: str) -> None:
    document, block = placed(op, *tensors, **params)
    document, end = edits.add(document, "torch.sum", 0, 0)
    document = edits.connect(document, block, end, "input")
    ran = evaluate(document)
    assert ran.problems == {}
    assert ran.loss == end
    assert infer(document)[block].outputs == ran.specs[block]
    first = next(iter(document.inputs(block).values())).source
    assert np.abs(ran.grads[first]).sum() > 0
    assert written in to_code(document, ran.loss).text


def test_each_output_of_a_node_can_be_read_and_has_pytorchs_name() -> None:
    document, block = placed("nn.LSTM", numbers(4, 2, 3), input_size=3, hidden_size=2)
    document, end = edits.add(document, "torch.sum", 0, 0)
    document = edits.connect(document, block, end, "input", output=2)  # c, of out, (h, c)
    assert [s.shape for s in infer(document)[block].outputs] == [(4, 2, 2), (1, 2, 2), (1, 2, 2)]
    assert not evaluate(document).problems
    assert "torch.sum(lstm[1][1])" in to_code(document, end).text
    document, block = placed("torch.max", numbers(2, 3), dim=1)
    assert infer(document)[block].names == ("values", "indices")


def test_what_gives_no_tensor_is_told_and_wires_to_outputs_that_are_not_there() -> None:
    document, block = placed("torch.split", numbers(2), split_size_or_sections=1)
    document, end = edits.add(document, "torch.sum", 0, 0)
    document = edits.connect(document, block, end, "input", output=7)
    assert "no output 8" in evaluate(document).problems[end]
    assert document.wires[end, "input"] == Wire(block, 7)
    document, block = placed(INDEX, numbers(2), index="__import__('os')")
    assert "no index" in evaluate(document).problems[block]
    assert "x[\"__import__('os')\"]" in to_code(document).text  # a text, which no program would run


def test_shapes_that_depend_on_the_numbers_are_those_of_the_run() -> None:
    document, block = placed("torch.masked_select", numbers(4), Value((4,), (1.0, 0.0, 0.0, 1.0), "bool"))
    ran = evaluate(document)
    assert infer(document, ran.specs)[block].outputs[0].shape == (2,)


def test_what_a_training_makes_of_a_layer_is_kept_saved_and_written() -> None:
    document, block = placed("nn.Linear", numbers(4, 3), in_features=3, out_features=1)
    document, end = edits.add(document, "torch.mean", 0, 0)
    document = edits.connect(document, block, end, "input")
    document = replace(document, training=Training(epochs=30))
    trainer = Trainer(document)
    losses = [epoch.loss for epoch in trainer.epochs()]
    trained = trainer.trained()
    assert set(trained.blocks[block].state) == {"weight", "bias"}
    assert float(evaluate(trained).values[end]) < losses[-1]  # it goes on where the training ended
    assert read(write(trained).encode()) == Opened(trained)
    text = to_code(trained, end).text
    assert "linear_layer.load_state_dict({" in text
    again, _ = read_expression(Document(), text)
    np.testing.assert_array_equal(evaluate(again).values[evaluate(again).loss], evaluate(trained).values[end])
    assert edits.set_param(trained, block, "out_features", 2).blocks[block].state == {}
    assert edits.forget_training(trained, block).blocks[block].state == {}


@pytest.mark.parametrize("op", ["torch.dropout", "torch.alpha_dropout", "torch.rrelu", "F.dropout", "nn.Dropout", "torch.feature_dropout"])
def test_what_draws_random_numbers_draws_the_same_in_each_run_and_says_its_seed_in_the_program(op: str) -> None:
    found = entry(op)
    if found is None:
        pytest.skip("the engine publishes it under another name")
    needed: dict[str, Param] = {s.name: 0.5 if s.name == "p" else True for s in found.settings if s.required}
    document, block = placed(op, numbers(4, 5), **needed)
    first, second = evaluate(document), evaluate(document)
    assert first.problems == {}
    np.testing.assert_array_equal(first.values[block], second.values[block])
    assert "torch.manual_seed(0)" in to_code(document, first.loss).text


@pytest.mark.parametrize("op", sorted(catalogue()))
def test_a_node_that_nothing_is_wired_to_waits_and_says_nothing_wrong(op: str) -> None:
    document, block = edits.add(Document(), op, 0, 0)
    assert infer(document)[block].problem == ""


def test_what_an_op_needs_is_given_one_after_the_other() -> None:
    """Not by name: that way the engine asks PyTorch's argument parser anew at each call."""
    for found in catalogue().values():
        if not found.layer and found.op.startswith(("torch.", "F.")):
            assert {p.name for p in found.ports if not p.optional} <= set(found.order), found.op


@pytest.mark.parametrize("op", ["torch.sum", "torch.mean"])
def test_a_reduction_takes_a_dimension_and_needs_none(op: str) -> None:
    found = entry(op)
    assert found is not None
    assert [(s.name, s.default, s.required) for s in found.settings] == [("dim", None, False), ("keepdim", False, False)]


def test_what_has_a_usual_name_is_offered_under_it_and_found_under_the_others() -> None:
    titles = [e.title for e in offered()]
    assert {"mul", "div", "sub", "cat", "acos", "transpose", "abs"} <= set(titles)
    assert not {"multiply", "divide", "true_divide", "subtract", "concatenate", "arccos", "swapaxes", "absolute"} & set(titles)
    for op in ("torch.multiply", "torch.concatenate", "torch.swapaxes"):
        assert search(op.removeprefix("torch."))[0].op == op
    assert "TypedStorage" not in titles and entry("torch.TypedStorage") is None


def test_a_layer_has_the_settings_that_it_takes() -> None:
    def names(op: str) -> list[str]:
        found = entry(op)
        assert found is not None
        return [s.name for s in found.settings]

    assert "nonlinearity" in names("nn.RNN") and "proj_size" not in names("nn.RNN") + names("nn.GRU")
    assert names("nn.LSTM")[-1] == "proj_size"
    assert not [s.name for e in catalogue().values() for s in e.settings if s.name.startswith("_")]
