"""Functions of several steps in half precision that numpy's dtypes stood in the way of, beside the same in float32."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()

CALLS = {
    "grid_sample": "F.grid_sample(x[None, None], x[None, None, :, :2] / 4, align_corners=True)",
    "grid_sample of the nearest": "F.grid_sample(x[None, None], x[None, None, :, :2] / 4, mode='nearest', align_corners=True)",
    "embedding_bag": "F.embedding_bag(torch.tensor([[0, 1]]), x, mode='sum', per_sample_weights=x[:1, :2])",
    "embedding_bag, mean": "F.embedding_bag(torch.tensor([[0, 1]]), x)",
    "gradient": "torch.gradient(x, spacing=(torch.tensor([1.0, 2.0, 4.0]).to(x.dtype),), dim=0)[0]",
    "rrelu": "F.rrelu(x, training=True)",
    "alpha_dropout": "F.alpha_dropout(x, 0.5, True)",
}


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_numbers_are_those_of_float32_but_for_their_precision(call: str, dtype: str) -> None:
    numbers = torch.tensor([[-3.0, 2.0, 0.5, 1.0], [1.5, -1.0, 4.0, 0.25], [2.0, 3.0, -0.5, 1.25]])
    found = []
    for kind in (getattr(torch, dtype), torch.float32):
        x = numbers.to(kind).requires_grad_()
        torch.manual_seed(3)
        out = eval(call, {"torch": torch, "F": torch.nn.functional, "x": x})
        out.float().sum().backward()
        assert (out.dtype, x.grad.dtype) == (kind, kind)
        found.append([*out.flatten().tolist(), *x.grad.flatten().tolist()])
    if "dropout" not in call:  # which draws random bits of its own for each dtype
        assert found[0] == pytest.approx(found[1], rel=0.03, abs=0.03)
    else:
        assert any(found[0])


def test_alpha_dropout_of_bfloat16_gives_pytorchs_numbers() -> None:
    torch.manual_seed(0)
    dropped = torch.nn.functional.alpha_dropout(torch.arange(6.0).bfloat16(), 0.5, True)
    assert dropped.tolist() == [-0.77734375, -0.77734375, 2.546875, -0.77734375, -0.77734375, -0.77734375]


def test_a_margin_that_is_beyond_the_dtype_is_lost() -> None:
    x = torch.tensor([-15.0]).half().requires_grad_()
    loss = torch.nn.functional.soft_margin_loss(x, torch.ones(1).half())
    loss.backward()
    assert loss.item() == float("inf")
    assert x.grad.isnan().all()
    wide = torch.tensor([-100.0], requires_grad=True)
    torch.nn.functional.soft_margin_loss(wide, torch.ones(1)).backward()
    assert wide.grad.isnan().all()
