"""The graph behind a result has PyTorch's nodes with PyTorch's edges: what a script meets that walks `grad_fn.next_functions`."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
GRAPHS: dict[str, str] = json.loads((Path(__file__).parents[2] / "data/autograd/graphs.json").read_text())
FARTHEST = 12  # nodes that the stored walks tell of


def _scope() -> dict[str, Any]:
    """The tensors that the expressions are about."""
    return {
        "torch": torch,
        "F": torch.nn.functional,
        "x": torch.tensor([0.5, 0.25, 0.75], requires_grad=True),
        "y": torch.tensor([0.1, 0.9, 0.3], requires_grad=True),
        "A": torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True),
        "B": torch.ones(3, 2, requires_grad=True),
        "C": torch.ones(2, 2, requires_grad=True),
        "Q": (torch.eye(3) * 2).requires_grad_(),
        "T3": torch.ones(2, 2, 3, requires_grad=True),
        "T3b": torch.ones(2, 3, 2, requires_grad=True),
        "img": torch.ones(1, 1, 4, 4, requires_grad=True),
        "ker": torch.ones(1, 1, 3, 3, requires_grad=True),
        "i": torch.tensor([0, 2]),
        "j": torch.tensor([0, 1]),
        "m": torch.tensor([True, False, True]),
    }


def _short(node: Any) -> str:
    if node is None:
        return "None"
    return str(node.name()).replace("torch::autograd::", "").replace("Backward0", "").replace("Backward", "")


def _walk(result: Any) -> str:
    """Each node with what it leads to, the nearest first: "Mul(Add, None) Add(AccumulateGrad, None)"."""
    told: list[str] = []
    waiting, met = [result.grad_fn], set()
    while waiting and len(told) < FARTHEST:
        node = waiting.pop(0)
        if node is None or id(node) in met:
            continue
        met.add(id(node))
        following = [next_node for next_node, _ in node.next_functions]
        if _short(node) != "AccumulateGrad":
            told.append(f"{_short(node)}({', '.join(map(_short, following))})")
        waiting += following
    return " ".join(told)


@pytest.mark.parametrize("expression", GRAPHS)
def test_graph(expression: str) -> None:
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert _walk(eval(expression, _scope())) == GRAPHS[expression]


def test_a_node_is_called_with_a_gradient() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert [g if g is None else g.tolist() for g in (x + 1).grad_fn(torch.ones(2))] == [[1.0, 1.0], None]
    assert repr((x**2).grad_fn(torch.ones(2))) == "tensor([2., 4.], grad_fn=<MulBackward0>)"
    leaf = (x * 3).grad_fn.next_functions[0][0]
    assert leaf(torch.tensor([1.0, 5.0])) == () and x.grad.tolist() == [1.0, 5.0]


def test_the_graph_knows_leaves_that_the_script_dropped() -> None:
    made = torch.nn.Linear(2, 3)(torch.ones(1, 2)).sum()
    ends = made.grad_fn.next_functions[0][0].next_functions
    assert (ends[0][0].variable.shape, ends[2][0].next_functions[0][0].variable.shape) == ((3,), (3, 2))


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (torch.nn.LSTM(2, 2), "MkldnnRnnLayerBackward0"),
        (torch.nn.LSTM(2, 2, batch_first=True), "TransposeBackward0"),
        (torch.nn.LSTM(2, 2).double(), "StackBackward0"),
        (torch.nn.LSTM(2, 3, proj_size=1), "StackBackward0"),
        (torch.nn.GRU(2, 2), "StackBackward0"),
        (torch.nn.GRU(2, 2, batch_first=True), "TransposeBackward1"),
    ],
)
def test_the_last_node_of_a_recurrent_layer(layer: Any, expected: str) -> None:
    x = torch.ones(3, 1, 2, dtype=layer.weight_hh_l0.dtype)
    assert layer(x)[0].grad_fn.name() == expected


def test_einsum_adds_dimensions_before_it_turns_them() -> None:
    node = torch.einsum("ij,jk->ik", torch.ones(2, 2, requires_grad=True), torch.ones(2, 2)).grad_fn
    names = []
    while node is not None and node.next_functions:
        names.append(node.name())
        node = node.next_functions[0][0]
    assert names[-2:] == ["PermuteBackward0", "UnsqueezeBackward0"]
