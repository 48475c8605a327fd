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
