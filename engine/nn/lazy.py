"""Layers that learn their input size from the first batch (torch.nn.LazyLinear, LazyConv2d, LazyBatchNorm2d, ...).

A lazy layer becomes the ordinary one at its first call: same object, same parameters, another class.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np

from .. import dtypes
from ..tensor import Tensor
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module
from .normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from .parameter import Buffer, Parameter

_NOT_YET = (
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an "
    "uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes."
)


class _Uninitialized:
    @property
    def shape(self) -> Any:
        """Not known yet."""
        raise RuntimeError(_NOT_YET)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Of another dtype, and as little known as before."""
        return type(self)(dtype=Tensor._of(self._data).to(*args, **kwargs).dtype)  # type: ignore[attr-defined, call-arg]

    def materialize(self, shape: tuple[int, ...], device: Any = None, dtype: Any = None) -> None:
        """Become an ordinary one of that shape."""
        self._data = np.zeros(shape, self._data.dtype if dtype is None else dtype.numpy)
        self.__class__ = Parameter if isinstance(self, Parameter) else Tensor  # type: ignore[assignment]


class UninitializedParameter(_Uninitialized, Parameter):  # type: ignore[misc]
    """A parameter whose shape the first batch will tell."""

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Self:  # noqa: ARG004 - PyTorch's signature
        return super().__new__(cls, Tensor._of(np.zeros(0, (dtype or dtypes.get_default_dtype()).numpy)), requires_grad)


class UninitializedBuffer(_Uninitialized, Buffer):  # type: ignore[misc]
    """A buffer whose shape the first batch will tell."""

    def __new__(
        cls,
        requires_grad: bool = False,  # noqa: ARG004 - PyTorch's signature
        device: Any = None,  # noqa: ARG004 - there is one
        dtype: Any = None,
        persistent: bool = True,
    ) -> Self:
        return super().__new__(cls, Tensor._of(np.zeros(0, (dtype or dtypes.get_default_dtype()).numpy)), persistent=persistent)


class _Lazy(Module):
    """Base: a subclass says what it becomes, and how the input tells its sizes."""

    cls_to_become: type[Module]

    def _announce(self) -> None:
        warnings.warn(
            "Lazy modules are a new feature under heavy development so changes to the API or functionality can happen at any moment.",
            UserWarning,
            stacklevel=3,
        )

    def has_uninitialized_params(self) -> bool:
        """Whether the first batch has not come yet."""
        return any(isinstance(p, _Uninitialized) for table in (self._parameters, self._buffers) for p in table.values())

    def take_sizes(self, input: Any) -> None:
        """Take the sizes from an input."""
        raise NotImplementedError

    def initialize_parameters(self, input: Any) -> None:
        """Take the sizes from an input, and draw the parameters."""
        raise NotImplementedError

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        for table in (self._parameters, self._buffers):
            for name, held in table.items():
                given = state_dict.get(prefix + name)
                if isinstance(held, _Uninitialized) and given is not None and not isinstance(given, _Uninitialized):
                    held.materialize(given._data.shape)
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.has_uninitialized_params():
            self.initialize_parameters(*args)
        else:  # they came with a state dict
            self.take_sizes(*args)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        return self(*args, **kwargs)


class LazyLinear(_Lazy, Linear):
    """Linear with `in_features` of the first batch."""

    cls_to_become = Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        self._announce()
        super().__init__(0, 0, False)
        self.out_features = out_features
        self.weight = UninitializedParameter(dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(dtype=dtype)

    def take_sizes(self, input: Any) -> None:
        """See the base."""
        self.in_features = int(input.shape[-1])

    def initialize_parameters(self, input: Any) -> None:
        """See the base."""
        self.take_sizes(input)
        self.weight.materialize((self.out_features, self.in_features))
        if self.bias is not None:
            self.bias.materialize((self.out_features,))
        self.reset_parameters()


class _LazyConv(_Lazy):
    """A convolution with `in_channels` of the first batch."""

    def __init__(self, out_channels: int, kernel_size: Any, *args: Any, bias: bool = True, **kwargs: Any) -> None:
        self._announce()
        super().__init__(0, 0, kernel_size, *args, bias=False, **kwargs)
        self.out_channels = out_channels
        if out_channels % self.groups:
            raise ValueError("out_channels must be divisible by groups")
        self.weight = UninitializedParameter(dtype=kwargs.get("dtype"))
        if bias:
            self.bias = UninitializedParameter(dtype=kwargs.get("dtype"))

    def take_sizes(self, input: Any, *_: Any) -> None:
        """See the base."""
        n = self.dimensions
        if input.dim() not in (n + 1, n + 2):
            raise RuntimeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {type(self).__name__}, but got input of size: {input.shape}"
            )
        self.in_channels = int(input.shape[-n - 1])
        if self.in_channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")

    def initialize_parameters(self, input: Any, *_: Any) -> None:
        """See the base."""
        self.take_sizes(input)
        own, other = self.out_channels, self.in_channels
        channels = (other, own // self.groups) if self.transposed else (own, other // self.groups)
        self.weight.materialize((*channels, *self.kernel_size))
        if self.bias is not None:
            self.bias.materialize((own,))
        self.reset_parameters()


class _LazyNorm(_Lazy):
    """A norm with `num_features` of the first batch."""

    def __init__(
        self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        self._announce()
        super().__init__(0, eps, momentum, False, False)
        self.affine, self.track_running_stats = affine, track_running_stats
        if affine:
            self.weight = UninitializedParameter(dtype=dtype)
            self.bias = UninitializedParameter(dtype=dtype)
        if track_running_stats:
            self._buffers["running_mean"] = UninitializedBuffer(dtype=dtype)
            self._buffers["running_var"] = UninitializedBuffer(dtype=dtype)
            self._buffers["num_batches_tracked"] = Tensor._of(np.array(0, np.int64))

    def take_sizes(self, input: Any) -> None:
        """See the base."""
        self.num_features = int(input.shape[1])

    def initialize_parameters(self, input: Any) -> None:
        """See the base."""
        self.take_sizes(input)
        for held in (self.weight, self.bias, self.running_mean, self.running_var):
            if held is not None:
                held.materialize((self.num_features,))
        self.reset_parameters()


def _lazy(kind: type, base: type) -> type:
    name = f"Lazy{kind.__name__}"
    return type(
        name,
        (base, kind),
        {"cls_to_become": kind, "__doc__": f"{kind.__name__} with the sizes of the first batch.", "__module__": __name__},
    )


_KINDS = (
    *((k, _LazyConv) for k in (Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)),
    *((k, _LazyNorm) for k in (BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d)),
)
_MADE = {f"Lazy{kind.__name__}": _lazy(kind, base) for kind, base in _KINDS}
globals().update(_MADE)

__all__ = ["LazyLinear", "UninitializedBuffer", "UninitializedParameter", *_MADE]
