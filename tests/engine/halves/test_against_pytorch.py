"""Random tensors of half precision through single ops and small networks: numbers and gradients are those of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import torch_module

pytestmark = pytest.mark.torch

OPS = [
    *(f"x.{name}()" for name in ("exp", "sin", "cos", "tanh", "sigmoid", "abs", "neg", "relu", "square", "expm1", "sum", "mean", "std", "var", "norm", "t", "flatten")),
    *(f"(x.abs() + 0.5).{name}()" for name in ("sqrt", "log", "rsqrt", "log1p", "reciprocal")),
    *(f"F.{name}(x)" for name in ("gelu", "silu", "softplus", "elu", "selu", "mish", "hardswish", "leaky_relu", "logsigmoid", "relu6", "softsign", "hardtanh", "tanhshrink")),
    "x + y", "x * y", "x - y", "x / (y.abs() + 0.5)", "x + 0.1", "x * 0.1", "0.3 / (x.abs() + 0.5)", "x.abs() ** 1.5", "x ** 3", "x * y[0]",
    "torch.add(x, y, alpha=0.3)", "torch.lerp(x, y, 0.3)", "torch.addcmul(x, x, y, value=0.3)", "x * y.float()", "x.double() + y", "x.float() * 3",
    "x @ y.t()", "F.linear(x, y, x[0, :1].expand(len(y)))", "x.softmax(-1)", "x.t().softmax(-1)", "x[:, :3].softmax(0)", "x.log_softmax(-1)", "x.logsumexp(-1)",
    "torch.maximum(x, y)", "torch.where(x > y, x, y)", "torch.cat([x, y])", "x.clamp(-0.5, 0.7)", "x.cumsum(-1)", "x.unbind(0)[1] * y[0]",
    "x[torch.arange(len(x) - 1)] * 3", "F.embedding(torch.arange(40) % 2, x)", "F.glu(torch.cat([x, y], -1))", "F.mse_loss(x, y)", "F.l1_loss(x, y)",
    "F.binary_cross_entropy_with_logits(x, y.sigmoid().detach())", "F.cross_entropy(x, torch.arange(len(x)) % x.shape[1])",
    "F.embedding_bag(torch.tensor([[0, 1]]), x, mode='max')",
    "F.scaled_dot_product_attention(x[None], y[None], x[None], is_causal=True)", "F.layer_norm(x, x.shape[-1:]).detach() * x", "F.batch_norm(x[:, :2].contiguous(), None, None, training=True)", "F.normalize(x)",
]  # fmt: skip


PRECISION = {"bfloat16": 2**-7, "float16": 2**-10}  # the step from 1 to the next number


def outcome(torch: Any, op: str, dtype: str, arrays: list[Any], cotangent: Any) -> list[Any]:
    """The result and the gradients of both inputs, with their dtypes."""
    x, y = (torch.from_numpy(a.copy()).to(getattr(torch, dtype)).requires_grad_() for a in arrays)
    out = eval(op, {"torch": torch, "F": torch.nn.functional, "x": x, "y": y})
    out.backward(torch.from_numpy(np.resize(cotangent, tuple(out.shape)).copy()).to(out.dtype))
    return [None if t is None else (str(t.dtype), np.asarray(t.detach().double().tolist())) for t in (out, x.grad, y.grad)]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("op", OPS)
def test_one_op(op: str, dtype: str) -> None:
    real = pytest.importorskip("torch")
    random = np.random.default_rng(len(op))
    differing = total = 0
    for shape in ((3, 4), (2, 7), (5, 33), (4, 64)):
        arrays = [random.normal(size=shape).astype(np.float32) for _ in range(2)]
        cotangent = random.normal(size=400).astype(np.float32)
        theirs = outcome(real, op, dtype, arrays, cotangent)
        ours = outcome(torch_module.module(), op, dtype, arrays, cotangent)
        assert [a and a[0] for a in theirs] == [b and b[0] for b in ours]
        for a, b in zip(theirs, ours, strict=True):
            if a is not None and b is not None:
                assert a[1].shape == b[1].shape
                steps = 16 if "batch_norm" in op else 2  # of few rows: what is left of numbers that cancel out
                np.testing.assert_allclose(b[1], a[1], rtol=steps * PRECISION[dtype], atol=PRECISION[dtype])
                differing += int((a[1] != b[1]).sum())
                total += a[1].size
    # a sum in another order may end on the other side of where float32 is rounded: which order that is, the processor decides
    assert differing <= total * 0.05, (differing, total)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Adamax"])
def test_a_training_in_autocast(optimizer: str, dtype: str) -> None:
    found = []
    for torch in (pytest.importorskip("torch"), torch_module.module()):
        torch.manual_seed(3)
        nn = torch.nn
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
        x, t = torch.randn(16, 4), torch.randint(0, 3, (16,))
        made = getattr(torch.optim, optimizer)(model.parameters(), lr=0.01)
        losses = []
        for _ in range(5):
            made.zero_grad()
            with torch.autocast("cpu", dtype=getattr(torch, dtype)):
                loss = nn.functional.cross_entropy(model(x), t)
            loss.backward()
            made.step()
            losses.append(loss.item())
        found.append((losses, [str(p.grad.dtype) for p in model.parameters()]))
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=1e-4)
    assert found[0][1] == found[1][1]


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "AdamW"])
def test_a_training_of_bfloat16_parameters(optimizer: str) -> None:
    found = []
    for torch in (pytest.importorskip("torch"), torch_module.module()):
        torch.manual_seed(5)
        nn = torch.nn
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).to(torch.bfloat16)
        x, t = torch.randn(16, 4).to(torch.bfloat16), torch.randint(0, 3, (16,))
        made = getattr(torch.optim, optimizer)(model.parameters(), lr=0.01)
        losses = []
        for _ in range(5):
            made.zero_grad()
            loss = nn.functional.cross_entropy(model(x), t)
            loss.backward()
            made.step()
            losses.append(loss.item())
        found.append([losses, *(p.detach().double().flatten().tolist() for p in model.parameters())])
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2 * PRECISION["bfloat16"], atol=PRECISION["bfloat16"])
