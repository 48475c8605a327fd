"""Clipping of gradients by norm and by value (torch.nn.utils.clip_grad)."""

from __future__ import annotations

import math
import types
import warnings
from functools import partial
from typing import Any

import numpy as np

from ...errors import ask, not_for_sparse
from ...half.bfloat16 import cast, readable
from ...memory.computed import computed
from ...memory.inplace import overwrite
from ...ops.reductions.norms import norm_row
from ...tensor import Tensor


def _list(parameters: Any) -> list[Any]:
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    for each in given:
        ask(each, "grad")
    return given


def get_total_norm(tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None) -> Tensor:
    """The norm of all tensors as one vector: the norm of their norms, as PyTorch takes it."""
    given = _list(tensors)
    kind = float(norm_type)
    if not given:
        return Tensor._of(np.array(0.0, np.float32))
    _must_be_dense(given, "linalg_vector_norm")
    total = Tensor._of(computed(partial(_norm_of_norms, kind), *given))
    if error_if_nonfinite and not math.isfinite(float(total)):
        raise RuntimeError(
            f"The total norm of order {kind} for gradients from `parameters` is non-finite, so it cannot be clipped. To disable "
            "this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def _must_be_dense(tensors: list[Any], called: str) -> None:
    if any(t._places is not None for t in tensors):
        raise not_for_sparse(called)


def _norm_of_norms(kind: float, *given: Any) -> Any:
    """Of arrays."""
    norms = [norm_row(a, kind, None, False) for a in given]
    common = given[0].dtype
    if any(n.dtype.kind == "V" for n in norms):
        common = common if all(n.dtype.kind == "V" for n in norms) else np.dtype(np.float32)
        norms = [readable(n) for n in norms]
    return cast(norm_row(np.array(norms, np.float32 if common.kind == "V" else common), kind, None, False), common)


def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: Any, foreach: bool | None = None) -> None:
    """Scale the gradients so that a total norm above max_norm becomes max_norm."""
    total = total_norm._data
    if total.dtype.kind == "V" or any(p._grad is not None and p._grad._data.dtype.kind == "V" for p in _list(parameters)):
        _scale_words(_list(parameters), max_norm, total_norm)
        return
    factor = computed(partial(_factor, float(max_norm)), total_norm)
    for p in _list(parameters):
        if p._grad is not None:
            if p._grad._places is not None:
                p._grad.mul_(Tensor._of(factor))
            else:
                overwrite(p._grad, computed(_times, p._grad, factor))


def _factor(largest: float, norm: Any) -> Any:
    number = norm.dtype.type
    return np.minimum(number(largest) / (norm + number(1e-6)), number(1.0))


def _times(gradient: Any, factor: Any) -> Any:
    return gradient * factor.astype(gradient.dtype)


def _scale_words(parameters: list[Any], max_norm: float, total_norm: Any) -> None:
    """The same op by op, each of which rounds, where there is bfloat16."""
    factor = (max_norm / (total_norm + 1e-6)).clamp(max=1.0)
    for p in parameters:
        if p._grad is not None:
            overwrite(p._grad, (p._grad.detach() * factor)._data)


def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """Scale all gradients together so that their norm is at most max_norm; gives the norm before."""
    generated = isinstance(parameters, types.GeneratorType)
    given = _list(parameters)
    if generated and not given:
        warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    total = get_total_norm([p._grad for p in given if p._grad is not None], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(given, float(max_norm), total)
    return total


def clip_grad_norm(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The old name of clip_grad_norm_."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.", FutureWarning, stacklevel=2
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite)


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Keep every element of the gradients within [-clip_value, clip_value]."""
    bound = float(clip_value)
    parameters = _list(parameters)
    if all(p._grad is None for p in parameters):
        raise RuntimeError(
            "Expected !nested_tensorlist[0].empty() to be true, but got false.  (Could this error message be improved?  "
            "If so, please report an enhancement request to PyTorch.)"
        )
    _must_be_dense([p._grad for p in parameters if p._grad is not None], "clamp_min_")
    for p in parameters:
        if p._grad is not None:
            overwrite(p._grad, computed(partial(_within, bound), p._grad))


def _within(bound: float, gradient: Any) -> Any:
    return np.clip(readable(gradient), -bound, bound)
