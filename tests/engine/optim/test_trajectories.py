"""Each optimizer goes PyTorch's way, number by number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from . import trajectories

# PyTorch takes roots with Intel's library, which is one unit in the last place off in 0.7 % of cases on some processors;
# ours are rounded correctly.
LAST_BIT = {"float32": 4e-7, "float64": 5e-15}
EXACT = {"sgd", "sgd default", "sgd momentum", "sgd momentum dampening", "sgd nesterov", "sgd all", "rprop", "rprop all", "asgd"}


def numbers(tree: Any) -> Iterator[float]:
    """All numbers of nested lists and dicts, in order."""
    if isinstance(tree, dict):
        for key in sorted(tree):
            yield from numbers(tree[key])
    elif isinstance(tree, list):
        for item in tree:
            yield from numbers(item)
    else:
        yield tree


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", trajectories.CASES)
def test_goes_pytorchs_way(torch: Any, trajectories_of_pytorch: Any, name: str, dtype: str) -> None:
    expected = trajectories_of_pytorch["runs"][f"{name}/{dtype}"]
    ours = trajectories.run(torch, name, dtype)
    assert {k: list(v) for k, v in ours["state"].items()} == {k: list(v) for k, v in expected["state"].items()}
    got, want = np.array(list(numbers(ours))), np.array(list(numbers(expected)))
    if name in EXACT:
        np.testing.assert_array_equal(got, want)
    np.testing.assert_allclose(got, want, rtol=LAST_BIT[dtype], atol=1e-9 if dtype == "float32" else 1e-18)
    assert np.mean(got != want) < 0.1


@pytest.mark.parametrize("name", trajectories.LBFGS_CASES)
def test_lbfgs_goes_pytorchs_way(torch: Any, trajectories_of_pytorch: Any, name: str) -> None:
    expected = trajectories_of_pytorch["lbfgs"][name]
    ours = trajectories.run_lbfgs(torch, name)
    assert (ours["func_evals"], ours["n_iter"]) == (expected["func_evals"], expected["n_iter"])
    np.testing.assert_allclose(ours["losses"], expected["losses"], rtol=1e-4)
    np.testing.assert_allclose(ours["x"], expected["x"], rtol=1e-3)


def test_large_parameters_take_the_same_steps(torch: Any) -> None:
    """Blocks of a large array are rounded as a small array is."""
    small = torch.linspace(-1, 1, 100, requires_grad=True)
    large = small.detach().repeat(300).requires_grad_(True)
    for p in (small, large):
        optimizer = torch.optim.AdamW([p], lr=0.05)
        for _ in range(3):
            p.grad = p.detach() * 0.3 + 0.1
            optimizer.step()
    np.testing.assert_array_equal(large.detach().numpy(), np.tile(small.detach().numpy(), 300))


def test_averaged_models_are_pytorchs(torch: Any, trajectories_of_pytorch: Any) -> None:
    expected, ours = trajectories_of_pytorch["averages"], trajectories.run_averages(torch)
    assert (ours["rates"], ours["names"]) == (expected["rates"], expected["names"])
    np.testing.assert_allclose(list(numbers(ours["tensors"])), list(numbers(expected["tensors"])), rtol=1e-4, atol=1e-6)
