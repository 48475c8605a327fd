"""What parameters and values of distributions must fulfil (torch.distributions.constraints).

A constraint tests plain arrays, so that validating leaves nothing in a recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor

Array = np.ndarray[Any, Any]


class Constraint:
    """Base: `test` says for each element (or event) whether it is allowed.

    Attributes:
        event_dim: how many last axes belong to one event.
        is_discrete: whether only whole numbers are allowed.
    """

    event_dim = 0
    is_discrete = False

    def test(self, x: Array) -> Array:
        """Booleans, one for each event; a script's own class says it by `check`."""
        if type(self).check is Constraint.check:
            raise NotImplementedError
        return np.asarray(self.check(Tensor._of(x))._data)

    def check(self, value: Tensor) -> Tensor:
        """The booleans as a tensor."""
        return Tensor._of(np.asarray(self.test(value._data)))

    def __repr__(self) -> str:
        return type(self).__name__.lstrip("_") + "()"


def _number(bound: Any) -> Any:
    return bound._data if isinstance(bound, Tensor) else bound


class _Real(Constraint):
    def test(self, x: Array) -> Array:
        return np.asarray(x == x)


class _Boolean(Constraint):
    is_discrete = True

    def test(self, x: Array) -> Array:
        return np.asarray((x == 0) | (x == 1))


class _GreaterThan(Constraint):
    def __init__(self, lower_bound: Any) -> None:
        self.lower_bound = lower_bound

    def test(self, x: Array) -> Array:
        return np.asarray(x > _number(self.lower_bound))

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}lower_bound={self.lower_bound})"


class _GreaterThanEq(_GreaterThan):
    def test(self, x: Array) -> Array:
        return np.asarray(x >= _number(self.lower_bound))


class _IntegerGreaterThan(_GreaterThan):
    is_discrete = True

    def test(self, x: Array) -> Array:
        return np.asarray((x % 1 == 0) & (x >= _number(self.lower_bound)))


class _LessThan(Constraint):
    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def test(self, x: Array) -> Array:
        return np.asarray(x < _number(self.upper_bound))

    def __repr__(self) -> str:
        return f"LessThan(upper_bound={self.upper_bound})"


class _Interval(Constraint):
    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound

    def test(self, x: Array) -> Array:
        return np.asarray((x >= _number(self.lower_bound)) & (x <= _number(self.upper_bound)))

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}lower_bound={self.lower_bound}, upper_bound={self.upper_bound})"


class _HalfOpenInterval(_Interval):
    def test(self, x: Array) -> Array:
        return np.asarray((x >= _number(self.lower_bound)) & (x < _number(self.upper_bound)))


class _IntegerInterval(_Interval):
    is_discrete = True

    def test(self, x: Array) -> Array:
        return np.asarray((x % 1 == 0) & super().test(x))


class _Simplex(Constraint):
    event_dim = 1

    def test(self, x: Array) -> Array:
        return np.asarray((x >= 0).all(-1) & (np.abs(x.sum(-1) - 1) < 1e-6))


class _OneHot(Constraint):
    event_dim = 1
    is_discrete = True

    def test(self, x: Array) -> Array:
        return np.asarray(((x == 0) | (x == 1)).all(-1) & (x.sum(-1) == 1))


class _Multinomial(Constraint):
    event_dim = 1
    is_discrete = True

    def __init__(self, upper_bound: int) -> None:
        self.upper_bound = upper_bound

    def test(self, x: Array) -> Array:
        return np.asarray((x >= 0).all(-1) & (x.sum(-1) <= self.upper_bound))


class _LowerCholesky(Constraint):
    event_dim = 2

    def test(self, x: Array) -> Array:
        lower = (np.tril(x) == x).all((-2, -1))
        return np.asarray(lower & (np.diagonal(x, axis1=-2, axis2=-1) > 0).all(-1))


class _CorrCholesky(_LowerCholesky):
    def test(self, x: Array) -> Array:
        lengths = np.sqrt((x * x).sum(-1))
        unit = np.abs(lengths - 1) <= np.finfo(x.dtype).eps * x.shape[-1] * 10
        return np.asarray(super().test(x) & unit.all(-1))


class _LowerTriangular(Constraint):
    event_dim = 2

    def test(self, x: Array) -> Array:
        return np.asarray((np.tril(x) == x).all((-2, -1)))


class _Square(Constraint):
    event_dim = 2

    def test(self, x: Array) -> Array:
        return np.full(x.shape[:-2], x.shape[-2] == x.shape[-1])


class _Symmetric(_Square):
    def test(self, x: Array) -> Array:
        square = super().test(x)
        return np.asarray(np.isclose(x, np.swapaxes(x, -2, -1), atol=1e-6).all((-2, -1)) if square.all() else square)


class _PositiveSemidefinite(_Symmetric):
    def test(self, x: Array) -> Array:
        symmetric = super().test(x)
        return np.asarray((np.linalg.eigvalsh(x) >= 0).all(-1)) if symmetric.all() else np.asarray(symmetric)


class _PositiveDefinite(_Symmetric):
    def test(self, x: Array) -> Array:
        symmetric = super().test(x)
        return np.asarray((np.linalg.eigvalsh(x) > 0).all(-1)) if symmetric.all() else np.asarray(symmetric)


class _Dependent(Constraint):
    """Depends on the parameters of a distribution: what is known of it without them is given, or not."""

    def __init__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> None:
        self._is_discrete = is_discrete
        self._event_dim = event_dim

    @property
    def is_discrete(self) -> bool:  # type: ignore[override]
        if self._is_discrete is NotImplemented:
            raise NotImplementedError(".is_discrete cannot be determined statically")
        return bool(self._is_discrete)

    @property
    def event_dim(self) -> int:  # type: ignore[override]
        if self._event_dim is NotImplemented:
            raise NotImplementedError(".event_dim cannot be determined statically")
        return int(self._event_dim)

    def __call__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> Any:
        return _Dependent(
            is_discrete=self._is_discrete if is_discrete is NotImplemented else is_discrete,
            event_dim=self._event_dim if event_dim is NotImplemented else event_dim,
        )

    def test(self, x: Array) -> Array:
        raise ValueError("Cannot determine validity of dependent constraint")


class _DependentProperty(property, _Dependent):
    """Decorates a `support` that goes by parameters: of a class it is a dependent constraint, of a distribution what the method gives."""

    def __init__(self, fn: Any = None, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> None:
        property.__init__(self, fn)
        _Dependent.__init__(self, is_discrete=is_discrete, event_dim=event_dim)

    def __call__(self, fn: Any) -> _DependentProperty:  # type: ignore[override]
        return _DependentProperty(fn, is_discrete=self._is_discrete, event_dim=self._event_dim)


def is_dependent(constraint: Any) -> bool:
    """Whether a constraint goes by the parameters of a distribution."""
    return isinstance(constraint, _Dependent)


class _Parts(Constraint):
    """Several constraints, each for its part of a dimension."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0) -> None:
        self.cseq = list(cseq)
        self.dim = dim

    @property
    def is_discrete(self) -> bool:  # type: ignore[override]
        return any(constraint.is_discrete for constraint in self.cseq)

    @property
    def event_dim(self) -> int:  # type: ignore[override]
        return max(constraint.event_dim for constraint in self.cseq)


class _Cat(_Parts):
    def __init__(self, cseq: Sequence[Constraint], dim: int = 0, lengths: Sequence[int] | None = None) -> None:
        super().__init__(cseq, dim)
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)

    def test(self, x: Array) -> Array:
        ends = np.cumsum(self.lengths)
        parts = [np.take(x, range(end - length, end), self.dim) for end, length in zip(ends.tolist(), self.lengths, strict=True)]
        return np.concatenate([constraint.test(part) for constraint, part in zip(self.cseq, parts, strict=True)], self.dim)


class _Stack(_Parts):
    def test(self, x: Array) -> Array:
        parts = [np.take(x, k, self.dim) for k in range(x.shape[self.dim])]
        return np.stack([constraint.test(part) for constraint, part in zip(self.cseq, parts, strict=False)], self.dim)


class MixtureSameFamilyConstraint(Constraint):
    """A value fits a mixture where it fits each of the components."""

    def __init__(self, base_constraint: Constraint) -> None:
        self.base_constraint = base_constraint
        self.event_dim, self.is_discrete = base_constraint.event_dim, base_constraint.is_discrete

    def test(self, x: Array) -> Array:
        result = self.base_constraint.test(np.expand_dims(x, x.ndim - self.event_dim))
        return np.asarray(result.reshape((*result.shape[: x.ndim - self.event_dim], -1)).all(-1))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_constraint!r})"


class _IndependentConstraint(Constraint):
    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.event_dim = base_constraint.event_dim + reinterpreted_batch_ndims
        self.is_discrete = base_constraint.is_discrete

    def test(self, x: Array) -> Array:
        result = self.base_constraint.test(x)
        if result.ndim < self.reinterpreted_batch_ndims:
            expected = self.base_constraint.event_dim + self.reinterpreted_batch_ndims
            raise ValueError(f"Expected value.dim() >= {expected} but got {x.ndim}")
        last = tuple(range(result.ndim - self.reinterpreted_batch_ndims, result.ndim))
        return np.asarray(result.all(last))

    def __repr__(self) -> str:
        return f"IndependentConstraint({self.base_constraint!r}, {self.reinterpreted_batch_ndims})"


greater_than = _GreaterThan
greater_than_eq = _GreaterThanEq
less_than = _LessThan
interval = _Interval
half_open_interval = _HalfOpenInterval
integer_interval = _IntegerInterval
independent = _IndependentConstraint
multinomial = _Multinomial
real = _Real()
boolean = _Boolean()
positive = _GreaterThan(0.0)
nonnegative = _GreaterThanEq(0.0)
nonnegative_integer = _IntegerGreaterThan(0)
positive_integer = _IntegerGreaterThan(1)
unit_interval = _Interval(0.0, 1.0)
simplex = _Simplex()
one_hot = _OneHot()
real_vector = independent(real, 1)
lower_cholesky = _LowerCholesky()
corr_cholesky = _CorrCholesky()
positive_definite = _PositiveDefinite()
positive_semidefinite = _PositiveSemidefinite()
lower_triangular = _LowerTriangular()
square = _Square()
symmetric = _Symmetric()
dependent = _Dependent()
dependent_property = _DependentProperty
cat = _Cat
stack = _Stack
