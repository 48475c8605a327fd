"""Distribution: batches of probability distributions to draw from and to differentiate (torch.distributions).

Source of behaviour and texts: https://docs.pytorch.org/docs/stable/distributions.html. The ops inside `log_prob`,
`rsample` and `entropy` are PyTorch's, one by one, because the graph shows them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .. import modes, random
from ..creation.factories import leaf, tensor
from ..dtypes import get_default_dtype
from ..errors import cannot_broadcast, own_method, sizes
from ..naming.namespace import FUNCTIONAL, TORCH
from ..random import draws
from ..tensor import Size, Tensor
from .constraints import Constraint

Number = (int, float, bool, complex)


class lazy_property:  # noqa: N801 - PyTorch's name
    """Computed with gradients when first asked for, and then kept."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        self.wrapped = wrapped
        self.__doc__ = wrapped.__doc__

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with modes.enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


class Distribution:
    """Base of the distributions; a subclass names its parameters in `arg_constraints`."""

    has_rsample = False
    has_enumerate_support = False
    _validate_args = True
    arg_constraints: ClassVar[Any] = None
    support: Any = None
    _expanded_too: ClassVar[tuple[str, ...]] = ("_param",)

    def __init_subclass__(cls) -> None:
        own_method(cls, "__init__")

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether parameters and values are checked unless a distribution says otherwise."""
        if value not in (True, False):
            raise ValueError("validate_args is True or False")
        Distribution._validate_args = value

    def __init__(self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None) -> None:
        self._batch_shape = Size(batch_shape)
        self._event_shape = Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if not self._validate_args:
            return
        if self.arg_constraints is None:
            warnings.warn(
                f"{type(self)} does not define `arg_constraints`. Please set `arg_constraints = {{}}` or initialize the distribution "
                "with `validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        for name, constraint in self.arg_constraints.items():
            if name not in self.__dict__ and isinstance(getattr(type(self), name), lazy_property):
                continue
            self._check_parameter(name, constraint)

    def _check_parameter(self, name: str, constraint: Constraint) -> None:
        value = getattr(self, name)
        if not constraint.test(value._data).all():
            raise ValueError(
                f"Expected parameter {name} ({type(value).__name__} of shape {value._data.shape}) of distribution {self!r} to satisfy "
                f"the constraint {constraint!r}, but found invalid values:\n{value}"
            )

    # -- shapes -----------------------------------------------------------------------------------------

    @property
    def batch_shape(self) -> Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one draw of one distribution."""
        return self._event_shape

    def _extended_shape(self, sample_shape: Any = ()) -> Size:
        shape = Size((*tuple(sample_shape), *self._batch_shape, *self._event_shape))
        if min(shape, default=0) < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {sizes(shape)}")
        return shape

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distribution in a larger batch."""
        batch_shape = tuple(batch_shape)
        made = self.__class__.__new__(self.__class__)
        made.__dict__.update(self.__dict__)
        own = len(self._batch_shape)
        for name in (*(self.arg_constraints or ()), *self._expanded_too):
            value = self.__dict__.get(name)
            if isinstance(value, Tensor):
                setattr(made, name, value.expand((*batch_shape, *value._data.shape[own:])))
        made._batch_shape = Size(batch_shape)
        return made

    # -- what a subclass gives --------------------------------------------------------------------------

    @property
    def mean(self) -> Any:
        """The expectation."""
        raise NotImplementedError

    @property
    def mode(self) -> Any:
        """The most likely value."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Any:
        """The variance."""
        raise NotImplementedError

    @property
    def stddev(self) -> Any:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws without gradient."""
        with modes.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Draws through which gradients flow to the parameters."""
        raise NotImplementedError

    def log_prob(self, value: Any) -> Any:
        """The log of the density (or probability) at a value."""
        raise NotImplementedError

    def cdf(self, value: Any) -> Any:
        """The probability of at most a value."""
        raise NotImplementedError

    def icdf(self, value: Any) -> Any:
        """The value with a given probability below it."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Any:
        """All values."""
        raise NotImplementedError

    def entropy(self) -> Any:
        """The entropy, in nats."""
        raise NotImplementedError

    def perplexity(self) -> Any:
        """e to the power of the entropy."""
        return self.entropy().exp()

    # -- checks -----------------------------------------------------------------------------------------

    def _validate_sample(self, value: Any) -> None:
        """PyTorch's errors for a value that does not fit."""
        if not self._validate_args:
            return
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        shape = value.shape
        if tuple(shape[len(shape) - len(self._event_shape) :]) != tuple(self._event_shape):
            raise ValueError(f"The right-most size of value must match event_shape: {shape} vs {self._event_shape}.")
        expected = self._batch_shape + self._event_shape
        for i, j in zip(reversed(shape), reversed(expected), strict=False):
            if i not in (1, j) and j != 1:
                raise ValueError(f"Value is not broadcastable with batch_shape+event_shape: {shape} vs {expected}.")
        if self.support is None:
            warnings.warn(
                f"{type(self)} does not define `support` to enable sample validation. Please initialize the distribution with "
                "`validate_args=False` to turn off validation.",
                stacklevel=3,
            )
        elif not self.support.test(value._data).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {value._data.shape}) to be within the support "
                f"({self.support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def __repr__(self) -> str:
        shown = []
        for name in self.arg_constraints or ():
            value = self.__dict__.get(name)
            if value is not None:
                shown.append(f"{name}: {value if value._data.size == 1 else value.shape}")
        return f"{type(self).__name__}({', '.join(shown)})"


def broadcast_all(*values: Any) -> list[Any]:
    """Numbers and tensors as tensors of one shape."""
    if not all(isinstance(v, (Tensor, *Number)) for v in values):
        raise ValueError("Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__.")
    kind = next((v.dtype for v in values if isinstance(v, Tensor)), get_default_dtype())
    tensors = [v if isinstance(v, Tensor) else tensor(v, dtype=kind) for v in values]
    shape: tuple[int, ...] = ()
    for t in tensors:
        told = cannot_broadcast(shape, t._data.shape)
        if told is not None:
            raise told
        shape = np.broadcast_shapes(shape, t._data.shape)
    return [t if t._data.shape == shape else t.expand(shape) for t in tensors]


def batch_of(*values: Any) -> tuple[int, ...]:
    """The batch shape of parameters: none where all are numbers."""
    return np.broadcast_shapes(*(v._data.shape for v in values if isinstance(v, Tensor))) if values else ()


def standard_normal(shape: Any, like: Tensor) -> Tensor:
    """Normal numbers as a leaf."""
    return leaf(draws.randn(random.default_generator, tuple(shape), like._data.dtype))


def sum_last(value: Any, count: int) -> Any:
    """The sum over the last axes."""
    return value if count == 0 else value.reshape(*value._data.shape[: value._data.ndim - count], -1).sum(-1)


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """Softmax, or sigmoid."""
    return logits.sigmoid() if is_binary else FUNCTIONAL["softmax"](logits, dim=-1)


def clamp_probs(probs: Any) -> Any:
    """Away from 0 and 1, so that the log is finite."""
    eps = float(np.finfo(probs._data.dtype).eps)
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """Log, or log odds."""
    inside = clamp_probs(probs)
    return inside.log() - (-inside).log1p() if is_binary else inside.log()


def one_of(probs: Any, logits: Any) -> None:
    """PyTorch's error unless exactly one is given."""
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")


def cross_entropy_of(logits: Any, probs: Any) -> Any:
    """Binary cross entropy of probabilities under logits, element by element."""
    return FUNCTIONAL["binary_cross_entropy_with_logits"](logits, probs, reduction="none")


def torch_function(name: str) -> Any:
    """A function of torch.*, by name: the tables are complete only after all ops are loaded."""
    return TORCH[name]
