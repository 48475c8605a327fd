"""Convolutions of all strides, paddings and dilations beside real PyTorch: results, gradients, and gradients of gradients."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from engine import torch_module

engine = torch_module.module()
pytestmark = pytest.mark.torch


def _pair(chance: random.Random, first: int, last: int) -> tuple[int, int]:
    return chance.randint(first, last), chance.randint(first, last)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_random_windows(transposed: bool, seed: int) -> None:
    torch = pytest.importorskip("torch")
    chance, numbers = random.Random(seed), np.random.default_rng(seed)
    alike = 0
    for _ in range(40):
        batch, channels, outputs = chance.choice([1, 2, 5]), chance.choice([1, 2, 4]), chance.choice([1, 2, 6])
        kernel, given = (
            _pair(chance, 1, 4),
            {"stride": _pair(chance, 1, 3), "padding": _pair(chance, 0, 5), "dilation": _pair(chance, 1, 3)},
        )
        if transposed:
            given["output_padding"] = _pair(chance, 0, 2)
        x = numbers.standard_normal((batch, channels, *_pair(chance, 1, 12)))
        w = numbers.standard_normal((channels, outputs, *kernel) if transposed else (outputs, channels, *kernel))

        def results(library: Any, x: Any = x, w: Any = w, given: Any = given) -> list[Any] | str:
            image, weight = (library.tensor(some.tolist(), dtype=library.float64, requires_grad=True) for some in (x, w))
            functional = library.nn.functional
            try:
                out = (functional.conv_transpose2d if transposed else functional.conv2d)(image, weight, **given)
            except RuntimeError as error:
                return str(error)
            grads = library.autograd.grad((out * out).sum(), [image, weight], create_graph=True)
            twice = library.autograd.grad(sum((each * each).sum() for each in grads), [image, weight])
            return [each.detach().numpy() for each in (out, *grads, *twice)]

        ours, wanted = results(engine), results(torch)
        if isinstance(wanted, str):
            assert ours == wanted, given
            continue
        alike += 1
        for mine, theirs in zip(ours, wanted, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-7, err_msg=str((x.shape, w.shape, given)))
    assert alike > 10


def test_the_gradients_of_a_convolution_by_name() -> None:
    """torch.nn.grad, with what PyTorch gives."""
    grad = engine.nn.grad
    x = engine.arange(32.0).reshape(1, 2, 4, 4)
    w = engine.arange(36.0).reshape(2, 2, 3, 3) / 10
    for_input = grad.conv2d_input(x.shape, w, engine.ones(1, 2, 2, 2))
    np.testing.assert_allclose(
        for_input[0, 0].numpy(), [[1.8, 3.8, 4.2, 2.2], [4.2, 8.8, 9.6, 5.0], [5.4, 11.2, 12.0, 6.2], [3.0, 6.2, 6.6, 3.4]], rtol=1e-6
    )
    for_weight = grad.conv2d_weight(x, w.shape, engine.ones(1, 2, 2, 2))
    assert for_weight[1, 1].tolist() == [[74.0, 78.0, 82.0], [90.0, 94.0, 98.0], [106.0, 110.0, 114.0]]
    assert (for_input.requires_grad, for_weight.requires_grad) == (False, False)
