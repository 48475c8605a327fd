"""Generators: states, spares, forks, and PyTorch's errors."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module


@pytest.fixture
def torch() -> Any:
    """The engine's torch module."""
    return torch_module.module()


def test_a_state_brings_back_numbers_and_the_spare_normal(torch: Any) -> None:
    torch.manual_seed(9)
    torch.randn(3)
    state = torch.get_rng_state()
    first = [torch.randn(1).item(), torch.rand(700).sum().item(), torch.randn(5).tolist()]
    torch.set_rng_state(state)
    assert [torch.randn(1).item(), torch.rand(700).sum().item(), torch.randn(5).tolist()] == first


def test_a_state_has_pytorchs_size_and_seed(torch: Any) -> None:
    torch.manual_seed(77)
    state = torch.get_rng_state()
    assert (state.dtype, tuple(state.shape)) == (torch.uint8, (5056,))
    assert state[0].item() == 77
    assert torch.initial_seed() == 77


def test_generators_do_not_disturb_each_other(torch: Any) -> None:
    torch.manual_seed(1)
    expected = torch.rand(4).tolist()
    own = torch.Generator().manual_seed(2)
    torch.manual_seed(1)
    first = torch.rand(2).tolist()
    torch.rand(10, generator=own)
    assert first + torch.rand(2).tolist() == expected


def test_fork_rng_puts_the_stream_back(torch: Any) -> None:
    torch.manual_seed(4)
    expected = torch.rand(3).tolist()
    torch.manual_seed(4)
    with torch.random.fork_rng():
        torch.manual_seed(99)
        torch.randn(5)
    assert torch.rand(3).tolist() == expected
