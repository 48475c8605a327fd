"""torch.utils.checkpoint: what is computed again, when, and what is told where it comes out otherwise. The values are PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
checkpoint = torch.utils.checkpoint.checkpoint


def test_a_checkpoint_runs_again_in_backward_up_to_what_is_needed() -> None:
    told: list[str] = []

    def part(x: Any) -> Any:
        told.append("begin")
        y = torch.tanh(x)
        told.append("middle")
        y = y * 2
        told.append("end")
        return y

    x = torch.tensor([0.5], requires_grad=True)
    out = checkpoint(part, x, use_reentrant=False)
    assert (told, out.grad_fn.name()) == (["begin", "middle", "end"], "MulBackward0")
    out.backward()
    assert told[3:] == ["begin"]  # tanh's result is all that was kept
    assert x.grad.item() == pytest.approx(2 * (1 - 0.46211716**2))


def test_without_early_stop_all_of_it_runs_again() -> None:
    calls: list[str] = []
    x = torch.tensor([0.5], requires_grad=True)

    def part(x: Any) -> Any:
        calls.append("begin")
        y = x.tanh()
        calls.append("end")
        return y

    with torch.utils.checkpoint.set_checkpoint_early_stop(False):
        checkpoint(part, x, use_reentrant=False).backward()
    assert calls == ["begin", "end"] * 2


def test_dropout_is_drawn_again_with_the_same_numbers() -> None:
    x = torch.ones(8, requires_grad=True)
    torch.manual_seed(1)
    out = checkpoint(lambda t: torch.nn.functional.dropout(t) * t, x, use_reentrant=False)
    out.sum().backward()
    assert x.grad.tolist() == (2 * out).tolist()


def test_another_shape_the_second_time_is_told() -> None:
    calls: list[int] = []

    def part(x: Any) -> Any:
        calls.append(1)
        return torch.tanh(x if len(calls) == 1 else x[:1])

    x = torch.ones(2, requires_grad=True)
    with pytest.raises(torch.utils.checkpoint.CheckpointError) as told:
        checkpoint(part, x, use_reentrant=False).sum().backward()
    assert str(told.value).startswith(
        "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\n"
        "tensor at position 0:\n"
        "saved metadata: {'shape': torch.Size([2]), 'dtype': torch.float32, 'device': device(type='cpu')}\n"
        "recomputed metadata: {'shape': torch.Size([1]), 'dtype': torch.float32, 'device': device(type='cpu')}\n.\n"
    )


def test_the_reentrant_kind_needs_backward() -> None:
    x = torch.ones(2, requires_grad=True)
    out = checkpoint(torch.sin, x, use_reentrant=True)
    with pytest.raises(RuntimeError, match=r"When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad\(\)"):
        torch.autograd.grad(out.sum(), x)
