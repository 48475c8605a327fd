"""The short ways of the engine give what the general way gives, to the last bit and with the same graph."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import pytest

from engine import events
from engine.arrays.arithmetic import chosen
from engine.ops.layers import columns
from engine.ops.pointwise import normal
from engine.torch_module import module

torch = module()


class Nothing:
    """An intervention that changes nothing; while it stands there, every op goes through `op.apply`."""

    def leaf(self, tensor: Any) -> None:
        """Nothing."""

    def before_op(self, op: Any, inputs: Any, grad_enabled: bool) -> Any:
        """Nothing."""
        return inputs, grad_enabled


@contextmanager
def general_way() -> Iterator[None]:
    with events.intervene(Nothing()):
        yield


def graph(node: Any) -> Any:
    """A graph in words: names, edges, shapes, and what is saved."""
    if node is None:
        return None
    saved = [(type(s).__name__, version, np.asarray(s._data).tobytes()) for s, version in node.saved or ()]
    return (node.name(), node.edge_nrs, node.shapes, node.shape, str(node.dtype), saved, [graph(e) for e in node.edges])


def outcome(text: str, names: dict[str, Any]) -> Any:
    """Result, graph and gradients of an expression."""
    leaves = {k: torch.tensor(v.tolist(), dtype=d, requires_grad=g) for k, (v, d, g) in names.items()}
    result = eval(text, {"torch": torch}, dict(leaves))
    words = graph(result.grad_fn)
    if result.requires_grad:
        result.sum().backward()
    grads = {k: None if t.grad is None else t.grad._data.tobytes() for k, t in leaves.items()}
    return result._data.tobytes(), str(result.dtype), result.shape, words, grads


RNG = np.random.default_rng(7)
FULL, ROW, ZERO = RNG.normal(size=(3, 4)), RNG.normal(size=4), np.array(1.5)
F32, F64, I64 = torch.float32, torch.float64, torch.int64
PAIRS = {
    "same": ((FULL, F32, True), (FULL, F32, True)),
    "row": ((FULL, F32, True), (ROW, F32, True)),
    "row first": ((ROW, F32, True), (FULL, F32, True)),
    "scalar": ((FULL, F32, True), (ZERO, F32, True)),
    "two scalars": ((ZERO, F32, True), (ZERO, F32, True)),
    "left only": ((FULL, F32, True), (ROW, F32, False)),
    "right only": ((FULL, F32, False), (ROW, F32, True)),
    "neither": ((FULL, F32, False), (ROW, F32, False)),
    "doubles": ((FULL, F64, True), (ROW, F64, True)),
    "mixed": ((FULL, F32, True), (ROW, F64, True)),
    "whole numbers": ((FULL, F32, True), (np.array([1, 2, 3, 4]), I64, False)),
}


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "<", "=="])
@pytest.mark.parametrize("pair", PAIRS)
def test_two_tensors(sign: str, pair: str) -> None:
    x, y = PAIRS[pair]
    names = {"x": x, "y": y}
    quick = outcome(f"x {sign} y", names)
    with general_way():
        assert outcome(f"x {sign} y", names) == quick


@pytest.mark.parametrize(
    "text", ["x + 2", "x - 0.1", "x * 3", "x / 7", "x * 0", "x * -0.0", "x + True", "x * 1e300", "x * float('nan')", "x > 0"]
)
@pytest.mark.parametrize("x", [(FULL, F32, True), (FULL, F64, True), (ZERO, F32, True), (np.array([1, 2]), I64, False)], ids=str)
def test_a_tensor_and_a_number(text: str, x: Any) -> None:
    quick = outcome(text, {"x": x})
    with general_way():
        slow = outcome(text, {"x": x})
    assert (quick[0], quick[1], quick[2], quick[4]) == (slow[0], slow[1], slow[2], slow[4])
    if quick[3] is not None:  # what is saved of a number is an array the one time, a number the other
        assert quick[3][:5] == slow[3][:5]


@pytest.mark.parametrize("name", ["tanh", "exp", "sin", "sigmoid", "relu", "neg", "sqrt", "sum", "mean", "abs"])
@pytest.mark.parametrize("x", [(abs(FULL), F32, True), (abs(FULL), F64, True), (ZERO, F32, True), (abs(FULL), F32, False)], ids=str)
def test_one_tensor(name: str, x: Any) -> None:
    quick = outcome(f"x.{name}()", {"x": x})
    with general_way():
        assert outcome(f"x.{name}()", {"x": x}) == quick


@pytest.mark.parametrize(
    "flags", [(True, True, True), (False, True, True), (True, False, True), (True, True, False), (False, False, False)]
)
@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3), (3,)])
def test_linear(shape: tuple[int, ...], flags: tuple[bool, bool, bool]) -> None:
    names = dict(zip("xwb", ((RNG.normal(size=s), F32, g) for s, g in zip((shape, (2, 3), (2,)), flags, strict=True)), strict=True))
    quick = outcome("torch.nn.functional.linear(x, w, b)", names)
    with general_way():
        assert outcome("torch.nn.functional.linear(x, w, b)", names) == quick


def test_a_saved_tensor_that_was_written_to_is_told() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    z = y * y
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


class Deaf:
    """A watcher that is told everything and does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("text", ["x.tanh()", "x.exp()", "(x * x).sqrt()", "torch.softmax(x, 0)"])
def test_a_saved_result_that_was_written_to_is_told(text: str, watched: bool) -> None:
    x = torch.ones(2, requires_grad=True)
    with events.watch(Deaf()) if watched else nullcontext():
        y = eval(text, {"torch": torch, "x": x})
        y.mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(RuntimeError, match=r"The size of tensor a \(3\) must match the size of tensor b \(2\)"):
        torch.ones(3) + torch.ones(2)


def test_views_that_are_gone_leave_the_storage() -> None:
    weight = torch.ones(2, 2, requires_grad=True)
    for _ in range(100):
        weight.t()
    assert len(weight._storage.views) <= 16


# -- arrays -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10, 2000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_chosen_is_exact(size: int, dtype: Any) -> None:
    a = RNG.normal(size=size).astype(dtype)
    a[:4] = np.inf, -np.inf, np.nan, -0.0
    for mask in (a > 0, a == a, np.zeros(size, bool)):
        assert chosen(a, mask).tobytes() == np.where(mask, a, dtype(0)).tobytes()


def test_gelu_and_its_slope() -> None:
    x = np.concatenate([np.linspace(-6, 6, 20001), [0.0, -0.0]]).astype(np.float32)
    cdf = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x.tolist()])
    wide = x.astype(np.float64)
    np.testing.assert_allclose(normal.gelu(x), wide * cdf, rtol=1e-6, atol=5e-7)
    np.testing.assert_allclose(normal.gelu_slope(x), cdf + wide * np.exp(-wide * wide / 2) / math.sqrt(2 * math.pi), rtol=1e-6, atol=5e-7)


def _window_sums(x: Any, w: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """A convolution as its definition says."""
    grown = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    span = [dilation[k] * (w.shape[2 + k] - 1) + 1 for k in range(2)]
    out = [(grown.shape[2 + k] - span[k]) // stride[k] + 1 for k in range(2)]
    made = np.zeros((x.shape[0], w.shape[0], *out))
    for i in range(out[0]):
        for j in range(out[1]):
            a, b = i * stride[0], j * stride[1]
            window = grown[:, :, a : a + span[0] : dilation[0], b : b + span[1] : dilation[1]]
            made[:, :, i, j] = np.einsum("nchw,ochw->no", window, w)
    return made


@pytest.mark.parametrize(
    ("stride", "padding", "dilation"),
    [((1, 1), (0, 0), (1, 1)), ((2, 1), (1, 2), (1, 1)), ((1, 2), (0, 1), (2, 1)), ((3, 3), (2, 2), (1, 2))],
)
@pytest.mark.parametrize("most", [columns._MOST, 200])
def test_convolution_and_its_adjoints(stride: Any, padding: Any, dilation: Any, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_MOST", most)  # small: the batch goes in parts
    x, w = RNG.normal(size=(5, 2, 9, 8)), RNG.normal(size=(3, 2, 3, 2))
    z = columns.forward(x, w, stride, padding, dilation)
    np.testing.assert_allclose(z, _window_sums(x, w, stride, padding, dilation), rtol=1e-10, atol=1e-10)
    g: Any = RNG.normal(size=z.shape)
    # <g, conv(x, w)> is linear in x and in w: the adjoints are its gradients
    by_x = columns.input_grad(g, w, x.shape[2:], stride, padding, dilation)
    by_w = columns.weight_grad(g, x, w.shape[2:], stride, padding, dilation)
    assert np.vdot(by_x, x) == pytest.approx(np.vdot(g, z))
    assert np.vdot(by_w, w) == pytest.approx(np.vdot(g, z))
    other = RNG.normal(size=x.shape)
    assert np.vdot(by_x, other) == pytest.approx(np.vdot(g, columns.forward(other, w, stride, padding, dilation)))
