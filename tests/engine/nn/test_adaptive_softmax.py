"""AdaptiveLogSoftmaxWithLoss with the numbers that PyTorch 2.13 printed."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()


def test_log_probabilities_of_clusters() -> None:
    torch.manual_seed(0)
    layer = torch.nn.AdaptiveLogSoftmaxWithLoss(4, 8, [3, 5], div_value=2.0)
    x = torch.linspace(-1, 1, 16).reshape(4, 4)
    output, loss = layer(x, torch.tensor([1, 4, 7, 0]))
    assert output.tolist() == pytest.approx([-2.0562, -2.0422, -2.8888, -1.9732], abs=1e-4)
    assert loss.item() == pytest.approx(2.2401, abs=1e-4)
    assert layer.predict(x).tolist() == [0, 1, 1, 1]
    assert layer.log_prob(x).exp().sum(1).tolist() == pytest.approx([1.0] * 4, abs=1e-5)
    with pytest.raises(RuntimeError, match=r"Target values should be in \[0, 7\], but values in range \[0, 9\] were found. "):
        layer(x, torch.tensor([0, 1, 9, 2]))
