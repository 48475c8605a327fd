"""One call of an op that can be repeated: its row or Function, the inputs it had, and how the node is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from itertools import product
from typing import Any

import numpy as np

from engine import autograd, events
from engine.autograd import no_grad
from engine.random import default_generator
from engine.tensor import Tensor

from .slopes import Floats, Slope, judge, roughness, sample
from .verdict import KINK, NOISY, OK, ORDER, SKIPPED, WRONG, NodeCheck

MOST_ELEMENTS = 24  # of an input that are moved one by one
# Ops that add up terms which are products of their inputs: with |inputs| they give the size of the terms.
SUMMING = frozenset(("add", "sub", "rsub", "sum", "mean", "matmul", "mm", "mv", "bmm", "dot", "linear", "addmm", "cumsum", "nansum"))
_WIDER = 64.0  # for functions whose values are large against their slope
_ROUGH = 4.0  # times the jumps beside a point that a wrong slope must exceed
_FINE = 1e-12  # eps of what float64 computes is below
_ABSORBED = 4.0  # roundings of the result; a term smaller than these is not in it
_LOST = 1e-2  # relative error of a result from which on it is no number any more
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A call.

    Attributes:
        site: its node.
        call: runs it on tensors: `call(*tensors)`.
        inputs: the arrays of its tensors as they were; `moved` says which of them may be moved.
        output: what the run computed.
        elementwise: output element i depends on input elements i only.
        still: rows of the first input that backward leaves alone by rule: the padding_idx of an embedding.
    """

    site: int
    name: str
    line: int
    call: Callable[..., Any]
    inputs: tuple[Array, ...]
    moved: tuple[bool, ...]
    output: Array
    elementwise: bool
    still: tuple[int, ...] = ()

    def check(self) -> NodeCheck:
        """Analytic against numeric slopes in float64, and the rounding of the dtype that the run had."""
        with events.unwatched(), events.intervene(None), redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # type: ignore[arg-type]  # nobody
            state = default_generator.get_state()
            try:
                return _Check(self, state).verdict()
            except (RuntimeError, TypeError, ValueError, IndexError, ArithmeticError, NotImplementedError) as problem:
                return self._said(SKIPPED, f"not checked: {problem}")
            finally:
                default_generator.set_state(state)

    def _said(self, verdict: str, words: str) -> NodeCheck:
        return NodeCheck(self.site, self.name, self.line, verdict, words)


class _Check:
    """The work of `Case.check`."""

    def __init__(self, case: Case, state: Any) -> None:
        self.case = case
        self._state = state
        self.wide = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in case.inputs]
        self.eps = float(np.finfo(np.float64).eps)
        self.there: list[Array] = []  # which outputs are numbers: -inf of a mask stays -inf

    def verdict(self) -> NodeCheck:
        """The worst of all inputs."""
        outputs = self._forward(self.wide)
        floats = [o for o in outputs if o.dtype.kind == "f"]
        if not floats or any(o.dtype.kind == "c" for o in outputs):
            return self.case._said(SKIPPED, "not checked: complex numbers" if outputs else "not checked: it has no number to move")
        self.eps = max(float(np.finfo(o.dtype).eps) for o in floats)
        self.there = [np.isfinite(o) if o.dtype.kind == "f" else np.ones(o.shape, bool) for o in outputs]
        weights = [_weights(o, self.case.elementwise) for o in outputs]
        grads = self._backward(self.wide, weights)
        worst: tuple[int, Slope, int, tuple[int, ...]] | None = None
        checked = 0
        for k, grad in enumerate(grads):
            if grad is None:
                continue
            for place, slope in self._slopes(k, grad, weights):
                checked += 1
                rank = ORDER.index(slope.verdict)
                if worst is None or rank < worst[0]:
                    worst = rank, slope, k, place
        if worst is None:
            return self.case._said(SKIPPED, "not checked: it has no number to move")
        _, slope, k, place = worst
        slope = self._plainer(slope, k, place, outputs)
        found, words = slope.verdict, _words(slope)
        if found == OK and (lost := self._lost(outputs, grads, weights)):
            found, words = NOISY, lost
        case = self.case
        return NodeCheck(
            case.site, case.name, case.line, found, words, k, place, slope.analytic, slope.numeric, slope.left, slope.right, checked
        )

    def _plainer(self, slope: Slope, k: int, place: tuple[int, ...], outputs: Sequence[Array]) -> Slope:
        """The same verdict by the sum of the outputs, where that shows it: people know these numbers."""
        if self.case.elementwise:
            return slope
        ones = [_weights(o, True) for o in outputs]
        grad = self._backward(self.wide, ones)[k]
        if grad is None:
            return slope
        x = self.wide[k]
        flat = np.array([np.ravel_multi_index(place, x.shape) if place else 0], np.int64)
        judged = self._judged(lambda moved: self._one_by_one(k, flat, moved, ones), x.reshape(-1)[flat], grad.reshape(-1)[flat])
        return judged[0] if judged[0].verdict == slope.verdict else slope

    # -- running it ------------------------------------------------------------------------------------------

    def _tensors(self, arrays: Sequence[Array], tracked: bool) -> list[Tensor]:
        made = []
        for array, moved in zip(arrays, self.case.moved, strict=True):
            tensor = Tensor._of(array.copy())
            tensor._requires_grad = tracked and moved
            made.append(tensor)
        return made

    def _forward(self, arrays: Sequence[Array]) -> list[Array]:
        default_generator.set_state(self._state)  # a dropout draws the same each time
        with no_grad():
            out = self.case.call(*self._tensors(arrays, False))
        return [o._data for o in (out if isinstance(out, (tuple, list)) else [out]) if isinstance(o, Tensor)]

    def _backward(self, arrays: Sequence[Array], weights: Sequence[Array]) -> list[Array | None]:
        """The analytic gradient of the weighted sum of the outputs, None for inputs that are not moved."""
        default_generator.set_state(self._state)
        tensors = self._tensors(arrays, True)
        with autograd.enable_grad():
            out = self.case.call(*tensors)
        outputs = [o for o in (out if isinstance(out, (tuple, list)) else [out]) if isinstance(o, Tensor)]
        pairs = [(o, Tensor._of(w.astype(o._data.dtype))) for o, w in zip(outputs, weights, strict=True) if o._requires_grad]
        wanted = [t for t in tensors if t._requires_grad]
        if not pairs:
            return [None] * len(tensors)
        found = autograd.grad([o for o, _ in pairs], wanted, [w for _, w in pairs], allow_unused=True)
        answers = iter(found)
        grads: list[Array | None] = []
        for tensor in tensors:
            grad = next(answers) if tensor._requires_grad else None
            if tensor._requires_grad and grad is None:
                grads.append(np.zeros(tensor._data.shape))
            else:
                grads.append(None if grad is None else np.asarray(grad._data, np.float64))
        return grads

    # -- slopes ----------------------------------------------------------------------------------------------

    def _slopes(self, k: int, grad: Array, weights: Sequence[Array]) -> list[tuple[tuple[int, ...], Slope]]:
        x = self.wide[k]
        if self.case.elementwise and len(weights) == 1 and x.shape == weights[0].shape and x.size:
            found = self._judged(lambda moved: self._all_at_once(k, moved), x, grad)
            # what a mask made -inf is no number to move; what became one here (log of 0) is
            given = all(np.isfinite(other).all() for other in self.wide if other.dtype.kind == "f")
            numbers = np.isfinite(x) & (self.there[0] | given)
            return [(place, slope) for place, slope in zip(product(*map(range, x.shape)), found, strict=True) if numbers[place]]
        places = [place for place in _places(x) if k or not place or place[0] not in self.case.still]
        flat = np.array([int(np.ravel_multi_index(p, x.shape)) if p else 0 for p in places], np.int64)
        return list(
            zip(
                places,
                self._judged(lambda moved: self._one_by_one(k, flat, moved, weights), x.reshape(-1)[flat], grad.reshape(-1)[flat]),
                strict=True,
            )
        )

    def _judged(self, f: Callable[[Floats], tuple[Floats, Floats]], x: Floats, grad: Floats) -> list[Slope]:
        """With a step of a share of 1; what does not fit then again with a step of a share of x itself, and with a wide one."""
        share = self.eps ** (1 / 3)
        first = judge(sample(f, x, share, relative=False), grad, self.eps)
        if all(slope.verdict == OK for slope in first):
            return first
        for again in (sample(f, x, share, relative=True), sample(f, x, share * _WIDER, relative=False)):
            second = judge(again, grad, self.eps)
            first = [_better(a, b, self.eps) for a, b in zip(first, second, strict=True)]
        if any(slope.verdict == WRONG for slope in first):
            rough = roughness(f, x, share).ravel().tolist()
            first = [replace(s, verdict=NOISY) if s.verdict == WRONG and _drowned(s, r) else s for s, r in zip(first, rough, strict=True)]
        return first

    def _all_at_once(self, k: int, moved: Floats) -> tuple[Floats, Floats]:
        arrays = list(self.wide)
        arrays[k] = moved
        out = np.asarray(self._forward(arrays)[0], np.float64)
        return out, np.abs(out)

    def _one_by_one(self, k: int, flat: Any, moved: Floats, weights: Sequence[Array]) -> tuple[Floats, Floats]:
        totals, sizes = np.empty(len(flat)), np.empty(len(flat))
        for row, (place, value) in enumerate(zip(flat.tolist(), moved.tolist(), strict=True)):
            arrays = list(self.wide)
            arrays[k] = self.wide[k].copy()
            arrays[k].reshape(-1)[place] = value
            outs = self._forward(arrays)
            counted = [(o, w, there) for o, w, there in zip(outs, weights, self.there, strict=True) if o.dtype.kind == "f"]
            terms = [np.where(there, o.astype(np.float64) * w, 0.0) for o, w, there in counted]
            totals[row] = sum(float(term.sum()) for term in terms)
            sizes[row] = sum(float(np.abs(term).sum()) for term in terms)
        return totals, sizes

    # -- the dtype that the run had ----------------------------------------------------------------------------

    def _lost(self, outputs: Sequence[Array], grads: Sequence[Array | None], weights: Sequence[Array]) -> str:
        """How much of the result rounding took, in words; "" where it is still a number."""
        case, dtype = self.case, self.case.output.dtype
        if dtype.kind != "f" or not case.output.size:
            return ""
        exact = np.asarray(outputs[0], np.float64)
        if dtype != np.float64 and exact.shape == case.output.shape:
            error = _share(case.output.astype(np.float64) - exact, exact)
            if error > _LOST:
                return f"computed in {dtype} the result is off by {_percent(error)}"
            narrow = self._backward(case.inputs, weights)
            for given, wanted in zip(narrow, grads, strict=True):
                if given is not None and wanted is not None and np.linalg.norm(wanted) > float(np.finfo(dtype).eps):
                    error = _share(given - wanted, wanted)
                    if error > _LOST:
                        return f"computed in {dtype} the gradient is off by {_percent(error)}"
        if case.name in ("add", "sub", "rsub") and np.any(exact):
            for k, x in enumerate(self.wide):
                if 0 < _rms(x) < _ABSORBED * float(np.finfo(dtype).eps) * _rms(exact):
                    return f"input {k} is lost: it is smaller than the rounding of the result in {dtype}"
        if case.name in SUMMING and np.any(exact):
            terms = self._forward([np.abs(x) for x in self.wide])[0]
            if case.name in ("sub", "rsub"):
                terms = np.abs(self.wide[0]) + np.abs(self.wide[1]) if len(self.wide) > 1 else np.abs(self.wide[0]) + np.abs(exact)
            error = float(np.finfo(dtype).eps) * _share(terms, exact)
            if error > _LOST:
                return f"the terms cancel: in {dtype} rounding is {_percent(error)} of the result"
        return ""


def _weights(out: Array, ones: bool) -> Array:
    """A fixed cotangent: no two elements alike, so that errors do not cancel; ones where elements stay apart anyway."""
    if ones:
        return np.ones(out.shape)
    return 0.5 + (np.arange(1, out.size + 1) * 0.6180339887498949 % 1.0).reshape(out.shape)


def _places(x: Array) -> list[tuple[int, ...]]:
    """Elements to be moved: zeros first, where kinks are, then some of all."""
    flat = x.reshape(-1)
    numbers = np.flatnonzero(np.isfinite(flat))
    if not len(numbers):
        return []
    zeros = np.flatnonzero(flat == 0)[: MOST_ELEMENTS // 4]
    spread = numbers[np.unique(np.linspace(0, len(numbers) - 1, min(len(numbers), MOST_ELEMENTS)).astype(np.int64))]
    chosen = np.unique(np.concatenate((zeros, spread)))
    return [tuple(int(i) for i in np.unravel_index(place, x.shape)) for place in chosen]


def _share(difference: Array, whole: Array) -> float:
    """One norm as a share of another, as far as both are numbers."""
    there = np.isfinite(difference) & np.isfinite(whole)
    below = float(np.linalg.norm(np.where(there, whole, 0).ravel()))
    return float(np.linalg.norm(np.where(there, difference, 0).ravel())) / below if below else 0.0


def _rms(x: Array) -> float:
    finite = x[np.isfinite(x)]
    return float(np.sqrt(np.mean(np.square(finite)))) if finite.size else 0.0


def _percent(share: float) -> str:
    return f"{share:.0%}" if share < 10 else f"{share:.0f} times"


def _better(first: Slope, second: Slope, eps: float) -> Slope:
    """Of two tries: the one that agrees; where a coarse function stood still in the first and moves in the second, it goes by steps."""
    if first.verdict != OK and second.verdict == OK:
        return second
    if first.verdict == WRONG and eps > _FINE and first.left == first.right == 0 != second.numeric:
        return replace(first, verdict=NOISY)
    return first


def _drowned(slope: Slope, rough: float) -> bool:
    """Whether a difference of slopes is no larger than what rounding makes."""
    return bool(np.isfinite(slope.analytic)) and _ROUGH * rough > abs(slope.analytic - slope.numeric)


def _side(slope: float) -> str:
    return f"{slope:.6g}" if np.isfinite(slope) else "not there"


def _words(slope: Slope) -> str:
    numbers = f"backward gives {slope.analytic:.6g}"
    match slope.verdict:
        case "kink":
            return f"{numbers}, the slope is {_side(slope.left)} on the left and {_side(slope.right)} on the right"
        case "wrong":
            return f"{numbers}, the slope is {slope.numeric:.6g}"
        case "noisy":
            return f"{numbers}, but rounding drowns the slope ({slope.left:.3g} on the left, {slope.right:.3g} on the right)"
    return f"{numbers}, as the slope is"


__all__ = ["KINK", "NOISY", "OK", "WRONG", "Case"]
