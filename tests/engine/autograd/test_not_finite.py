"""Which elements a nan or an infinite gradient reaches: PyTorch leaves out what was not chosen, whatever the gradient is."""

import math
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()

NAN, INF = math.nan, math.inf
CASES = [  # call, x, gradient, x.grad as PyTorch 2.13 gives it
    ("x.floor()", [-0.5, 2.0], [NAN, INF], [0.0, 0.0]),
    ("x.trunc()", [-0.5, 2.0], [NAN, INF], [0.0, 0.0]),
    ("x.angle()", [-0.5, 2.0], [NAN, INF], [0.0, 0.0]),
    ("x ** 0", [-0.5, 2.0], [NAN, INF], [0.0, 0.0]),
    ("0 ** x", [-0.5, 2.0], [1.0, INF], [-INF, NAN]),
    ("torch.copysign(x.detach(), x)", [-0.5, 2.0], [NAN, INF], [0.0, 0.0]),
    ("x.sinc()", [0.0, 1.0], [NAN, 1.0], [0.0, -1.0]),
    ("torch.maximum(x, torch.tensor([1.0, 2.0, 0.0]))", [0.0, 2.0, 1.0], [NAN, 2.0, INF], [0.0, 1.0, INF]),
    ("torch.minimum(x, torch.tensor([1.0, 2.0, 0.0]))", [2.0, 2.0, 1.0], [NAN, 2.0, INF], [0.0, 1.0, 0.0]),
    ("x.amax()", [1.0, 2.0], INF, [NAN, INF]),
    ("x.amax()", [NAN, 2.0], 1.0, [NAN, NAN]),
    ("x.max()", [1.0, 2.0], INF, [0.0, INF]),
    ("F.nll_loss(x[None], torch.tensor([1]))", [1.0, 2.0], INF, [0.0, -INF]),
    ("F.cross_entropy(x[None], torch.tensor([1]))", [0.0, 0.0], INF, [INF, NAN]),
    ("torch.cdist(x[None], x.detach()[None])", [1.0, 2.0], [[NAN]], [0.0, 0.0]),
    ("torch.bernoulli(x)", [0.0, 1.0], [NAN, INF], [0.0, 0.0]),
    ("F.interpolate(x[None, None], 4)", [1.0, 2.0], [[[NAN, 1.0, 1.0, 1.0]]], [NAN, 2.0]),
    ("F.max_pool2d(x[None, None], (1, 2))", [1.0, 2.0], [[[INF]]], [0.0, INF]),
    ("F.adaptive_avg_pool1d(x[None], 2)", [1.0, 2.0], [[NAN, 1.0]], [NAN, 1.0]),
    ("F.embedding_bag(torch.tensor([[0], [1]]), x[:, None])", [1.0, 2.0], [[INF], [1.0]], [INF, 1.0]),
    ("x.aminmax()[0]", [1.0, 2.0], NAN, [NAN, NAN]),
    ("torch.linalg.vector_norm(x, math.inf)", [NAN, 2.0], 1.0, [0.0, 0.0]),
    ("torch.fmax(x, torch.tensor([1.0, 1.0]))", [0.0, 2.0], [NAN, INF], [0.0, INF]),
    ("torch.linalg.det(x.expand(2, 2))", [NAN, 2.0], 1.0, [NAN, NAN]),
]


@pytest.mark.parametrize(("call", "start", "cotangent", "wanted"), CASES, ids=[f"{c[0]} {c[2]}" for c in CASES])
def test_gradient(call: Any, start: Any, cotangent: Any, wanted: Any) -> None:
    x = torch.tensor(start, requires_grad=True)
    out = eval(call, {"torch": torch, "F": torch.nn.functional, "x": x, "math": math})
    out.backward(torch.tensor(cotangent))
    assert x.grad.tolist() == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("F.interpolate(x[None, None], 4)", [NAN, NAN, 2.0, 2.0]),
        ("F.adaptive_avg_pool1d(x[None], 2)", [NAN, 2.0]),
        ("F.embedding_bag(torch.tensor([[0], [1]]), x[:, None])", [NAN, 2.0]),
        ("F.nll_loss(x[None], torch.tensor([0]), weight=torch.tensor([0.0, 1.0]), reduction='none')", [NAN]),
    ],
)
def test_value(call: Any, wanted: Any) -> None:
    x = torch.tensor([NAN, 2.0])
    out = eval(call, {"torch": torch, "F": torch.nn.functional, "x": x})
    assert out.flatten().tolist() == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("dtypes", [("float32", "float64"), ("float64", "float32"), ("float16", "bfloat16"), ("float32", "int64")])
def test_huber_loss_of_two_dtypes(dtypes: Any) -> None:
    x, y = (torch.tensor([1, 3]).to(getattr(torch, name)) for name in dtypes)
    loss = torch.nn.functional.huber_loss(x.requires_grad_(), y)
    assert loss.dtype is x.dtype
    with pytest.raises(RuntimeError, match=f"Found dtype {y.dtype.scalar_name} but expected {x.dtype.scalar_name}"):
        loss.backward()


def test_topk_of_bools() -> None:
    with pytest.raises(RuntimeError, match=r"^topk does not support bool dtypes on CPU$"):
        torch.tensor([True, False]).topk(1)
