"""Layers fused with the batch norm behind them, and what scripts ask of recurrent layers."""

from __future__ import annotations

from engine import torch_module

torch = torch_module.module()
nn = torch.nn


def test_a_convolution_with_its_batch_norm() -> None:
    torch.manual_seed(0)
    conv, norm = nn.Conv2d(1, 2, 2).eval(), nn.BatchNorm2d(2).eval()
    norm.running_mean.add_(1)
    norm.weight.data.fill_(3.0)
    fused = nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
    x = torch.randn(1, 1, 3, 3)
    assert torch.allclose(fused(x), norm(conv(x)), atol=1e-5)
    assert fused.weight.requires_grad and repr(fused) == repr(conv)


def test_a_layer_whose_weights_are_left_open_takes_no_random_numbers() -> None:
    torch.manual_seed(0)
    layer = nn.utils.skip_init(nn.Linear, 2, 3)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert layer.weight.shape == (3, 2) and torch.equal(drawn, torch.rand(1))


def test_the_names_of_recurrent_weights() -> None:
    layer = nn.GRU(2, 3)
    assert layer._flat_weights_names == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    assert layer._flat_weights[0] is layer.weight_ih_l0
