"""Batches of no example go through every layer, forward and back, as they do in PyTorch: a mask may choose none."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
nn = torch.nn
LINE, PLANE, SPACE = (0, 4, 6), (0, 4, 6, 6), (0, 4, 6, 6, 6)


@pytest.mark.parametrize(
    ("layer", "given", "made"),
    [
        (nn.Conv1d(4, 5, 3), LINE, (0, 5, 4)),
        (nn.Conv2d(4, 5, 3, padding=1, bias=False), PLANE, (0, 5, 6, 6)),
        (nn.Conv3d(4, 6, 3, groups=2), SPACE, (0, 6, 4, 4, 4)),
        (nn.ConvTranspose1d(4, 5, 3), LINE, (0, 5, 8)),
        (nn.ConvTranspose2d(4, 5, 3, stride=2), PLANE, (0, 5, 13, 13)),
        (nn.MaxPool1d(2), LINE, (0, 4, 3)),
        (nn.MaxPool2d(2), PLANE, (0, 4, 3, 3)),
        (nn.MaxPool2d(3, stride=2, padding=1), PLANE, (0, 4, 3, 3)),
        (nn.MaxPool3d(2), SPACE, (0, 4, 3, 3, 3)),
        (nn.AvgPool2d(2), PLANE, (0, 4, 3, 3)),
        (nn.AdaptiveAvgPool2d(1), PLANE, (0, 4, 1, 1)),
        (nn.BatchNorm2d(4), PLANE, PLANE),
        (nn.GroupNorm(2, 4), PLANE, PLANE),
        (nn.Upsample(scale_factor=2), PLANE, (0, 4, 12, 12)),
        (nn.ReflectionPad2d(1), PLANE, (0, 4, 8, 8)),
        (nn.TransformerEncoderLayer(6, 2, 8, batch_first=True), LINE, LINE),
        (nn.Sequential(nn.Conv2d(4, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)), PLANE, (0, 3)),
    ],
)
def test_nothing(layer: Any, given: tuple[int, ...], made: tuple[int, ...]) -> None:
    x = torch.ones(*given, requires_grad=True)
    out = layer(x)
    out.sum().backward()
    assert (out.shape, x.grad.shape) == (made, given)
    assert all(p.grad is not None and not p.grad.any() for p in layer.parameters())
