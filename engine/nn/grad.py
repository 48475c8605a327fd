"""torch.nn.grad: the gradients of a convolution for its input and its weight, from the other one and a cotangent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import autograd
from ..tensor import Tensor
from .functional import conv1d, conv2d, conv3d

Way = Callable[..., Any]


def _of_input(convolution: Way) -> Way:
    def of_input(
        input_size: Any, weight: Any, grad_output: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: Any = 1
    ) -> Any:
        """The gradient for the input of a convolution of this size."""
        given = grad_output.new_zeros(tuple(input_size))
        return _derived(given, lambda x: convolution(x, weight.detach(), None, stride, padding, dilation, groups), grad_output)

    return of_input


def _of_weight(convolution: Way) -> Way:
    def of_weight(
        input: Any, weight_size: Any, grad_output: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: Any = 1
    ) -> Any:
        """The gradient for a weight of this size."""
        given = grad_output.new_zeros(tuple(weight_size))
        return _derived(given, lambda w: convolution(input.detach(), w, None, stride, padding, dilation, groups), grad_output)

    return of_weight


def _derived(given: Tensor, function: Callable[[Tensor], Tensor], cotangent: Tensor) -> Any:
    """A convolution is linear in each of the two, so that its derivative is the same at zeros as anywhere."""
    with autograd.enable_grad():
        given.requires_grad_()
        return autograd.grad(function(given), given, cotangent.detach())[0]


conv1d_input, conv2d_input, conv3d_input = _of_input(conv1d), _of_input(conv2d), _of_input(conv3d)
conv1d_weight, conv2d_weight, conv3d_weight = _of_weight(conv1d), _of_weight(conv2d), _of_weight(conv3d)
for _name in ("conv1d_input", "conv2d_input", "conv3d_input", "conv1d_weight", "conv2d_weight", "conv3d_weight"):
    globals()[_name].__name__ = globals()[_name].__qualname__ = _name

__all__ = ["conv1d_input", "conv1d_weight", "conv2d_input", "conv2d_weight", "conv3d_input", "conv3d_weight"]
