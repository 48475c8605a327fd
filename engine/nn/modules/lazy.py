"""Layers that learn their input size from the first batch (torch.nn.LazyLinear, LazyConv2d, LazyBatchNorm2d, ...).

A lazy layer becomes the ordinary one at its first call: same object, same parameters, another class.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import own_method
from ...tensor import Tensor
from ..parameter import UninitializedBuffer, UninitializedParameter, is_lazy
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module
from .normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d


class _Lazy(Module):
    """Base: a subclass says what it becomes, and how the input tells its sizes."""

    cls_to_become: type[Module]

    def has_uninitialized_params(self) -> bool:
        """Whether the first batch has not come yet."""
        return any(is_lazy(p) for table in (self._parameters, self._buffers) for p in table.values())

    def loaded(self, *args: Any) -> None:
        """The first batch where the parameters came with a state dict: PyTorch leaves the sizes 0 in most."""

    def initialize_parameters(self, input: Any) -> None:
        """Take the sizes from an input, and draw the parameters."""
        raise NotImplementedError

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        for table in (self._parameters, self._buffers):
            for name, held in table.items():
                given = state_dict.get(prefix + name)
                if is_lazy(held) and given is not None and not is_lazy(given):
                    held.materialize(given._data.shape)
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.has_uninitialized_params():
            self.initialize_parameters(*args)
        else:
            self.loaded(*args)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        return self(*args, **kwargs)


class LazyLinear(_Lazy, Linear):
    """Linear with `in_features` of the first batch."""

    cls_to_become = Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(0, 0, False)
        self.out_features = out_features
        self.weight = UninitializedParameter(dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(dtype=dtype)

    def loaded(self, *args: Any) -> None:
        """See the base."""
        self.in_features = int(args[0].shape[-1])

    def initialize_parameters(self, input: Any) -> None:
        """See the base."""
        self.in_features = int(input.shape[-1])
        self.weight.materialize((self.out_features, self.in_features))
        if self.bias is not None:
            self.bias.materialize((self.out_features,))
        self.reset_parameters()


class _LazyConv(_Lazy):
    """A convolution with `in_channels` of the first batch."""

    def __init__(
        self, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode, device, dtype)
        self._wait(out_channels, bias, dtype)

    def _wait(self, out_channels: int, bias: bool, dtype: Any) -> None:
        """Parameters without sizes."""
        self.out_channels = out_channels
        if out_channels % self.groups:
            raise ValueError("out_channels must be divisible by groups")
        self.weight = UninitializedParameter(dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(dtype=dtype)

    def initialize_parameters(self, input: Any, *_: Any) -> None:
        """See the base."""
        n = self.dimensions
        if input.dim() not in (n + 1, n + 2):
            raise RuntimeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {type(self).__name__}, but got input of size: {input.shape}"
            )
        self.in_channels = int(input.shape[-n - 1])
        if self.in_channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")
        own, other = self.out_channels, self.in_channels
        channels = (other, own // self.groups) if self.transposed else (own, other // self.groups)
        self.weight.materialize((*channels, *self.kernel_size))
        if self.bias is not None:
            self.bias.materialize((own,))
        self.reset_parameters()


class _LazyConvTranspose(_LazyConv):
    """The same, with the options in the order that transposed ones have."""

    def __init__(
        self, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1,
        bias: bool = True, dilation: int = 1, padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super(_LazyConv, self).__init__(
            0, 0, kernel_size, stride, padding, output_padding, groups, False, dilation, padding_mode, device, dtype
        )  # type: ignore[call-arg]
        self._wait(out_channels, bias, dtype)


_LazyConv.initialize_parameters.__qualname__ = "_LazyConvXdMixin.initialize_parameters"  # PyTorch's base, which Python's errors tell


class _LazyNorm(_Lazy):
    """A norm with `num_features` of the first batch."""

    def __init__(
        self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(0, eps, momentum, False, False)
        self.affine, self.track_running_stats = affine, track_running_stats
        if affine:
            self.weight = UninitializedParameter(dtype=dtype)
            self.bias = UninitializedParameter(dtype=dtype)
        if track_running_stats:
            self._buffers["running_mean"] = UninitializedBuffer(dtype=dtype)
            self._buffers["running_var"] = UninitializedBuffer(dtype=dtype)
            self._buffers["num_batches_tracked"] = Tensor._of(np.array(0, np.int64))

    def initialize_parameters(self, input: Any) -> None:
        """See the base."""
        self.num_features = int(input.shape[1])
        for held in (self.weight, self.bias, self.running_mean, self.running_var):
            if held is not None:
                held.materialize((self.num_features,))
        self.reset_parameters()


def _lazy(kind: type, base: type) -> type:
    name = f"Lazy{kind.__name__}"
    made = type(
        name,
        (base, kind),
        {"cls_to_become": kind, "__doc__": f"{kind.__name__} with the sizes of the first batch.", "__module__": __name__},
    )
    if base is not _LazyNorm:  # those have the constructor of a base in PyTorch, too
        own_method(made, "__init__")
    return made


_KINDS = (
    *((k, _LazyConv) for k in (Conv1d, Conv2d, Conv3d)),
    *((k, _LazyConvTranspose) for k in (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)),
    *((k, _LazyNorm) for k in (BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d)),
)
_MADE = {f"Lazy{kind.__name__}": _lazy(kind, base) for kind, base in _KINDS}
globals().update(_MADE)

__all__ = ["LazyLinear", "UninitializedBuffer", "UninitializedParameter", *_MADE]
