"""torch.nn.utils.fusion: a layer and the batch norm behind it as one layer, for evaluation."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ..parameter import Parameter

_TRAINING = "Fusion only for eval!"


def _fused(weight: Any, bias: Any, mean: Any, var: Any, eps: float, scale: Any, shift: Any, at: tuple[int, ...]) -> tuple[Any, Any]:
    bias = mean * 0 if bias is None else bias
    factor = (var + eps).rsqrt() if scale is None else scale * (var + eps).rsqrt()
    moved = (bias - mean) * factor
    made = weight * factor.reshape(at), moved if shift is None else moved + shift
    flags = weight._requires_grad, bias._requires_grad
    return tuple(Parameter(value.detach(), flag) for value, flag in zip(made, flags, strict=True))  # type: ignore[return-value]


def fuse_conv_bn_weights(
    conv_w: Any, conv_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any, transpose: bool = False
) -> tuple[Any, Any]:
    """Weight and bias of the convolution that does both."""
    rest = [1] * (conv_w.dim() - 2)
    return _fused(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, (1, -1, *rest) if transpose else (-1, 1, *rest))


def fuse_linear_bn_weights(linear_w: Any, linear_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any) -> tuple[Any, Any]:
    """Weight and bias of the linear layer that does both."""
    return _fused(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, (-1, 1))


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A convolution that does what `conv` and `bn` do in evaluation."""
    if conv.training or bn.training:
        raise AssertionError(_TRAINING)
    made = deepcopy(conv)
    kept = bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    made.weight, made.bias = fuse_conv_bn_weights(conv.weight, conv.bias, *kept, transpose)
    return made


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A linear layer that does what `linear` and `bn` do in evaluation."""
    if linear.training or bn.training:
        raise AssertionError(_TRAINING)
    made = deepcopy(linear)
    made.weight, made.bias = fuse_linear_bn_weights(linear.weight, linear.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
    return made


__all__ = ["fuse_conv_bn_eval", "fuse_conv_bn_weights", "fuse_linear_bn_eval", "fuse_linear_bn_weights"]
