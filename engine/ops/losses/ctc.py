"""Connectionist temporal classification (Graves et al., 2006): the probability of a labelling over all its alignments.

The recursion over log probabilities and its gradient are those of aten/src/ATen/native/LossCTC.cpp: the gradient is that of the
logits before log_softmax, whose own gradient leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...graph.saved import track
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import where
from .loss import known

Array = np.ndarray[Any, Any]


class _Batch(NamedTuple):
    """The labels of all samples, each with blanks around it, filled up with blanks: (N, S).

    Attributes:
        spelled: the classes.
        skips: where a label may follow the one two before it: another one stands there.
        states: how many of a row belong to it.
    """

    spelled: Array
    skips: Array
    states: Array

    @classmethod
    def of(cls, targets: Sequence[Array], blank: int) -> _Batch:
        states = np.array([2 * len(labels) + 1 for labels in targets])
        spelled = np.full((len(targets), states.max()), blank)
        for row, labels in zip(spelled, targets, strict=True):
            row[1 : 2 * len(labels) : 2] = labels
        skips = np.zeros(spelled.shape, bool)
        skips[:, 2:] = (spelled[:, 2:] != blank) & (spelled[:, 2:] != spelled[:, :-2])
        return cls(spelled, skips, states)


def _forward_sums(log_probs: Array, batch: _Batch) -> Array:
    """log alpha (N, T, S): all ways to the prefix of length s+1 of the extended labels in t+1 steps; what is filled up is of no meaning."""
    samples, steps = log_probs.shape[:2]
    said = log_probs[np.arange(samples)[:, None, None], np.arange(steps)[:, None], batch.spelled[:, None, :]]
    alpha = np.full(said.shape, -np.inf)
    alpha[:, 0, :2] = said[:, 0, :2]
    one, two = np.full(batch.spelled.shape, -np.inf), np.full(batch.spelled.shape, -np.inf)
    for t in range(1, steps):
        before = alpha[:, t - 1]
        one[:, 1:], two[:, 2:] = before[:, :-1], before[:, :-2]
        ways = np.logaddexp(np.logaddexp(before, one), np.where(batch.skips, two, -np.inf))
        alpha[:, t] = ways + said[:, t]
    return alpha


def _ends(alpha: Array, lengths: Array, states: Array) -> Array:
    """Minus the log of all ways: they end in the last label or in the blank behind it."""
    rows = np.arange(len(alpha))
    last, before = alpha[rows, lengths - 1, states - 1], alpha[rows, lengths - 1, states - 2]
    ways: Array = np.where(states > 1, np.logaddexp(last, before), last)
    return -ways


def _samples(log_probs: Array, lengths: Sequence[int]) -> tuple[list[int], Array, Array]:
    """Those that have a step: which, their log probabilities (N, T, C) as float64, and their lengths."""
    some = [n for n, length in enumerate(lengths) if length]
    length = np.array([lengths[n] for n in some], np.int64)
    return some, log_probs[: length.max(initial=0), some].transpose(1, 0, 2).astype(np.float64), length


def _losses(log_probs: Array, targets: list[Array], lengths: list[int], blank: int) -> Array:
    out = np.array([np.inf if len(labels) else -0.0 for labels in targets], log_probs.dtype)  # without a step
    some, here, length = _samples(log_probs, lengths)
    if some:
        batch = _Batch.of([targets[n] for n in some], blank)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[some] = _ends(_forward_sums(here, batch), length, batch.states)
    return out


def _gradient(g: Any, log_probs: Any, targets: list[Array], lengths: list[int], blank: int, zero_infinity: bool) -> Any:
    if isinstance(g, Tensor):  # the pass is recorded: it gets a slope that refuses to be differentiated
        g, log_probs = g._data, log_probs._data
    out = np.zeros(log_probs.shape, log_probs.dtype)
    some, here, length = _samples(log_probs, lengths)
    if not some:
        return out
    labels = [targets[n] for n in some]
    batch = _Batch.of(labels, blank)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        alpha = _forward_sums(here, batch)
        loss = _ends(alpha, length, batch.states)
        # What is left of the labels, backwards, is the same recursion over the reversed labels and times.
        rows, times, places = np.arange(len(some))[:, None], np.arange(here.shape[1]), np.arange(batch.spelled.shape[1])
        back = np.maximum(length[:, None] - 1 - times, 0)
        beta = _forward_sums(here[rows, back], _Batch.of([each[::-1] for each in labels], blank))
        turned = np.maximum(batch.states[:, None] - 1 - places, 0)
        ways = alpha + beta[rows[..., None], back[..., None], turned[:, None, :]]
        joint = np.full(here.shape, -np.inf)
        for s in places.tolist():
            own = np.flatnonzero(s < batch.states)
            label = batch.spelled[own, s]
            joint[own, :, label] = np.logaddexp(joint[own, :, label], ways[own, :, s])
        slope = (np.exp(here) - np.exp(joint + loss[:, None, None] - here)) * g[some][:, None, None]
    slope[times >= length[:, None]] = 0
    if zero_infinity:
        slope[loss == np.inf] = 0
    out[: here.shape[1], some] = slope.transpose(1, 0, 2)
    return out


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
