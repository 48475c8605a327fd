"""Connectionist temporal classification (Graves et al., 2006): the probability of a labelling over all its alignments.

The recursion over log probabilities and its gradient are those of aten/src/ATen/native/LossCTC.cpp: the gradient is that of the
logits before log_softmax, whose own gradient leaves it as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph.saved import track
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import where
from .loss import known

Array = np.ndarray[Any, Any]


def _extended(labels: Array, blank: int) -> tuple[Array, Array]:
    """The labels with blanks around each, and where a label may follow the one two before it: another one stands there."""
    spelled = np.full(2 * len(labels) + 1, blank)
    spelled[1::2] = labels
    skips = np.zeros(len(spelled), bool)
    skips[2:] = (spelled[2:] != blank) & (spelled[2:] != spelled[:-2])
    return spelled, skips


def _forward_sums(log_probs: Array, spelled: Array, skips: Array) -> Array:
    """log alpha (T, S): all ways to the prefix of length s+1 of the extended labels in t+1 steps."""
    steps, states = len(log_probs), len(spelled)
    alpha = np.full((steps, states), -np.inf)
    alpha[0, :2] = log_probs[0, spelled[:2]]
    for t in range(1, steps):
        before = alpha[t - 1]
        one, two = np.full(states, -np.inf), np.full(states, -np.inf)
        one[1:], two[2:] = before[:-1], before[:-2]
        ways = np.logaddexp(np.logaddexp(before, one), np.where(skips, two, -np.inf))
        alpha[t] = ways + log_probs[t, spelled]
    return alpha


def _end(alpha: Array) -> float:
    """Minus the log of all ways: they end in the last label or in the blank behind it."""
    last = alpha[-1]
    return -float(np.logaddexp(last[-1], last[-2]) if len(last) > 1 else last[-1])


def _losses(log_probs: Array, targets: list[Array], lengths: list[int], blank: int) -> Array:
    out = np.empty(log_probs.shape[1], log_probs.dtype)
    with np.errstate(invalid="ignore", divide="ignore"):
        for n, labels in enumerate(targets):
            if not lengths[n]:
                out[n] = 0.0 if not len(labels) else np.inf
                continue
            out[n] = _end(_forward_sums(log_probs[: lengths[n], n].astype(np.float64), *_extended(labels, blank)))
    return out


def _gradient(g: Any, log_probs: Any, targets: list[Array], lengths: list[int], blank: int, zero_infinity: bool) -> Any:
    if isinstance(g, Tensor):  # the pass is recorded: it gets a slope that refuses to be differentiated
        g, log_probs = g._data, log_probs._data
    out = np.zeros(log_probs.shape)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for n, labels in enumerate(targets):
            if not lengths[n]:
                continue
            here = log_probs[: lengths[n], n].astype(np.float64)
            spelled, skips = _extended(labels, blank)
            alpha = _forward_sums(here, spelled, skips)
            loss = _end(alpha)
            if zero_infinity and loss == np.inf:
                continue
            # What is left of the labels, backwards, is the same recursion over the reversed labels and times.
            behind, back = _extended(labels[::-1], blank)
            beta = _forward_sums(here[::-1], behind, back)[::-1, ::-1]
            joint = np.full(here.shape, -np.inf)
            for s, label in enumerate(spelled):
                joint[:, label] = np.logaddexp(joint[:, label], alpha[:, s] + beta[:, s])
            out[: lengths[n], n] = (np.exp(here) - np.exp(joint + loss - here)) * g[n]
    return out.astype(log_probs.dtype)


ctc_row = Op(
    "_ctc_loss",
    lambda x, targets, lengths, blank, zero_infinity: _losses(x, targets, lengths, blank),
    grad_fn="CtcLossBackward0",
    frees="targets",
    vjps=(lambda g, x, targets, lengths, blank, zero_infinity: _gradient(g, x, targets, lengths, blank, zero_infinity),),
    formulas=(r"\bar{x}_{tk} = \bar{z}\,\left(e^{x_{tk}} - \frac{1}{p}\sum_{s:\,l_s=k} \alpha_{ts}\beta_{ts}\,e^{-x_{tk}}\right)",),
)


def _counts(given: Any) -> list[int]:
    return [int(n) for n in (given._data.reshape(-1).tolist() if isinstance(given, Tensor) else np.atleast_1d(given).tolist())]


def _refused(told: str) -> RuntimeError:
    return RuntimeError(f"{told} (while checking arguments for ctc_loss_allocate_outputs)")


@export("functional", "ctc_loss")
def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """The CTC loss of log probabilities (T, N, C), or (T, C) of one sequence; targets (N, S), or one behind the other.

    Raises:
        RuntimeError: with PyTorch's text, for lengths that do not fit.
    """
    known(reduction)
    alone = log_probs._data.ndim != 3
    batch = log_probs.unsqueeze(1) if alone else log_probs
    if batch._data.ndim != 3:
        raise _refused(f"Expected 3-dimensional tensor, but got {batch._data.ndim}-dimensional tensor for argument #1 'log_probs'")
    if not 1 <= targets._data.ndim <= 2:
        raise _refused(f"Expected 1 to 2 dimensions, but got {targets._data.ndim}-dimensional tensor for argument #2 'targets'")
    for name, given in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
        if isinstance(given, Tensor) and given._data.dtype.kind not in "iu":
            raise RuntimeError(f"{name} must be integral")
    if batch._data.dtype not in (np.float32, np.float64):
        raise NotImplementedError(f"\"ctc_loss_cpu\" not implemented for '{batch.dtype.scalar_name}'")
    steps, count, classes = batch._data.shape
    times, sizes = _counts(input_lengths), _counts(target_lengths)
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    for name, lengths in (("input_lengths", times), ("target_lengths", sizes)):
        if len(lengths) != count:
            raise RuntimeError(f"{name} must be of size batch_size")
    for n, length in enumerate(times):
        if length > steps:
            raise _refused(f"Expected input_lengths to have value at most {steps}, but got value {length}")
        if length < 0:
            raise RuntimeError(f"input_lengths[{n}] must be non-negative")
    for length in sizes:
        if length < 0:
            raise _refused(f"Expected target_lengths to have value at least 0, but got value {length}")
    labels = targets._data
    if labels.ndim == 2 and labels.shape[0] != count:
        raise _refused(f"Expected tensor to have size {count} at dimension 0, but got size {labels.shape[0]} for argument #2 'targets'")
    if labels.ndim == 2 and sizes and labels.shape[1] < max(sizes):
        raise _refused(
            f"Expected tensor to have size at least {max(sizes)} at dimension 1, but got size {labels.shape[1]} for argument #2 'targets'"
        )
    if labels.ndim == 2:
        rows = [labels[n, :size] for n, size in enumerate(sizes)]
    else:
        if labels.size != sum(sizes):
            raise _refused(
                f"Expected tensor to have size {sum(sizes)} at dimension 0, but got size {labels.size} for argument #2 'targets'"
            )
        ends = np.cumsum(sizes)
        rows = [labels.reshape(-1)[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    params = {"targets": rows, "lengths": times, "blank": blank, "zero_infinity": zero_infinity}
    loss = track(apply(ctc_row, (batch,), params), targets)
    if zero_infinity:
        loss = where(loss == float("inf"), Tensor._of(np.zeros((), loss._data.dtype)), loss)
    if reduction == "mean":
        return (loss / Tensor._of(np.maximum(sizes, 1).astype(loss._data.dtype))).mean()
    if reduction == "sum":
        return loss.sum()
    return loss.squeeze(0) if alone else loss


__all__ = ["ctc_loss", "ctc_row"]
