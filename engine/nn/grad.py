"""torch.nn.grad: the two gradients of a convolution as functions, of its input and of its weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..op import apply
from ..ops.layers import window_checks
from ..ops.layers.conv import conv_input, conv_weight, tuple_of
from ..tensor import Tensor

_input_row = conv_input.named("ConvolutionBackwardBackward0")


def _gradients(n: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def of_input(
        input_size: Any, weight: Any, grad_output: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
    ) -> Any:
        """The gradient of the input, which was as large as `input_size`."""
        params = _checked(n, _as_large(grad_output, input_size), weight, grad_output, stride, padding, dilation, groups)
        return apply(_input_row, (grad_output, weight), {"size": tuple(input_size[2:]), **params})

    def of_weight(
        input: Any, weight_size: Any, grad_output: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
    ) -> Any:
        """The gradient of the weight, which was as large as `weight_size`."""
        params = _checked(n, input, _as_large(grad_output, weight_size), grad_output, stride, padding, dilation, groups)
        return apply(conv_weight, (grad_output, input), {"kernel": tuple(weight_size[2:]), **params})

    of_input.__name__, of_weight.__name__ = f"conv{n}d_input", f"conv{n}d_weight"
    of_input.__qualname__, of_weight.__qualname__ = of_input.__name__, of_weight.__name__
    return of_input, of_weight


def _as_large(like: Tensor, size: Sequence[int]) -> Tensor:
    """What stands for a tensor of which only the size is known; it takes no memory."""
    return Tensor._of(np.broadcast_to(np.zeros((), like._data.dtype), tuple(size)))


def _checked(n: int, x: Any, w: Any, g: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> dict[str, Any]:
    """The settings of the convolution, where the sizes are those of one; PyTorch's errors otherwise."""
    s, p, d = (tuple_of(given, n) for given in (stride, padding, dilation))
    window_checks.numbers(w, stride=s, padding=p, dilation=d)
    window_checks.convolution(n, x, w, None, s, p, d, groups)
    kernel, size = w._data.shape[2:], x._data.shape[2:]
    made = tuple((size[k] + 2 * p[k] - d[k] * (kernel[k] - 1) - 1) // s[k] + 1 for k in range(n))
    if g._data.shape[1:] != (w._data.shape[0], *made):
        raise RuntimeError(
            "could not create a primitive descriptor for the convolution forward propagation primitive. Run workload with environment "
            "variable ONEDNN_VERBOSE=all to get additional diagnostic information."
        )
    return {"stride": s, "padding": p, "dilation": d, "groups": groups}


conv1d_input, conv1d_weight = _gradients(1)
conv2d_input, conv2d_weight = _gradients(2)
conv3d_input, conv3d_weight = _gradients(3)

__all__ = ["conv1d_input", "conv1d_weight", "conv2d_input", "conv2d_weight", "conv3d_input", "conv3d_weight"]
