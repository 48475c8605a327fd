"""Nodes run in PyTorch's order: the newest ready node first, a leaf the moment its gradient is complete."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
ORDERS = {g["name"]: g["order"] for g in json.loads((Path(__file__).parents[2] / "data/autograd/backward_order.json").read_text())}
Graph = tuple[Any, dict[str, Any]]


def _leaf(*shape: int) -> Any:
    return torch.ones(*shape).requires_grad_()


def seed() -> Graph:
    x = _leaf(3)
    y = x + 2
    z = y * y
    return (z * 2).mean(), {"x": x}


def two_leaves() -> Graph:
    a, b = _leaf(3), _leaf(3)
    first = a * 2
    second = b * 3
    return (first + second).sum(), {"a": a, "b": b}


def two_leaves_created_in_reverse() -> Graph:
    a, b = _leaf(3), _leaf(3)
    first = b * 3
    second = a * 2
    return (second + first).sum(), {"a": a, "b": b}


def diamond() -> Graph:
    x = _leaf(2)
    h = x.exp()
    left = h.sin()
    right = h.cos()
    return (left + right).sum(), {"x": x}


def mlp() -> Graph:
    w1, w2 = _leaf(2, 2), _leaf(2, 2)
    h = (torch.ones(1, 2) @ w1).tanh()
    return (h @ w2).sum(), {"w1": w1, "w2": w2}


def unequal_paths() -> Graph:
    x = _leaf(2)
    long = ((x * 2) * 3) * 4
    short = x * 5
    return (long + short).sum(), {"x": x}


def multi_output_chunk() -> Graph:
    x = _leaf(2)
    a, _ = x.chunk(2)
    return (a * 2).sum(), {"x": x}


def rnn_shared_weight() -> Graph:
    w, h = _leaf(1), torch.ones(1)
    for _ in range(3):
        h = (h * w).tanh()
    return h.sum(), {"w": w}


GRAPHS: dict[str, Callable[[], Graph]] = {
    f.__name__: f
    for f in (seed, two_leaves, two_leaves_created_in_reverse, diamond, mlp, unequal_paths, multi_output_chunk, rnn_shared_weight)
}


def _nodes(root: Any) -> list[Any]:
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        if node is not None and node not in found:
            found.append(node)
            stack += [n for n, _ in node.next_functions]
    return found


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_nodes_fire_in_pytorchs_order(name: str) -> None:
    loss, leaves = GRAPHS[name]()
    fired: list[tuple[str, Any]] = []

    def note(label: str) -> Callable[[tuple[Any, ...]], None]:
        return lambda grads: fired.append((label, [None if g is None else list(g.shape) for g in grads]))

    for node in _nodes(loss.grad_fn):
        leaf = next((k for k, t in leaves.items() if getattr(node, "variable", None) is t), None)
        node.register_prehook(note(node.name() if leaf is None else f"AccumulateGrad({leaf})"))
    loss.backward()
    assert fired == [(label, shapes) for label, _, shapes in ORDERS[name]]


def test_every_stored_graph_is_built_here() -> None:
    assert set(GRAPHS) == set(ORDERS)
