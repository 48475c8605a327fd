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
