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


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ("torch.set_rng_state(torch.zeros(3))", TypeError, "RNG state must be a torch.ByteTensor"),
        ("torch.set_rng_state(3)", TypeError, "expected a torch.ByteTensor, but got int"),
        ("torch.randint(5, 5, (2,))", RuntimeError, "random_ expects 'from' to be less than 'to', but got from=5 >= to=5"),
        ("torch.randn(2, -3)", RuntimeError, "Trying to create tensor with negative dimension -3: [2, -3]"),
        ("torch.zeros(2).normal_(0, -1)", RuntimeError, "normal expects std >= 0.0, but found std -1"),
        ("torch.zeros(2).uniform_(3, 1)", RuntimeError, "uniform_ expects to return a [from, to) range, but found from=3 > to=1"),
        ("torch.zeros(2).bernoulli_(1.5)", RuntimeError, "bernoulli_ expects p to be in [0, 1], but got p=1.5"),
        ("torch.zeros(2).exponential_(-1.)", RuntimeError, "exponential_ expects lambda > 0.0, but found lambda=-1"),
        ("torch.zeros(2).geometric_(0)", RuntimeError, "geometric_ expects p to be in (0, 1), but got p=0"),
        ("torch.zeros(2).cauchy_(0, -2)", RuntimeError, "cauchy_ expects sigma > 0.0, but found sigma=-2"),
        ("torch.zeros(2).log_normal_(0, -2)", RuntimeError, "log_normal_ expects std > 0.0, but found std=-2"),
        ("torch.multinomial(torch.tensor([0., 0.]), 1)", RuntimeError, "invalid multinomial distribution (sum of probabilities <= 0)"),
        (
            "torch.multinomial(torch.tensor([1., 1.]), 3)",
            RuntimeError,
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
        ),
        ("torch.poisson(torch.tensor([-1.]))", RuntimeError, "invalid Poisson rate, expected rate to be non-negative"),
        ("torch.nn.functional.dropout(torch.ones(3), 1.5)", ValueError, "dropout probability has to be between 0 and 1, but got 1.5"),
    ],
)
def test_errors_have_pytorchs_words(torch: Any, call: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as raised:
        eval(call, {"torch": torch})
    assert str(raised.value).splitlines()[0] == words


def test_a_fill_is_no_op_on_a_leaf_that_requires_grad(torch: Any) -> None:
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        torch.zeros(3, requires_grad=True).normal_()
