"""torch.einsum: the equation is parsed, the operands are lined up, and pairs of them are multiplied as batches of matrices.

Source of the rules and of the words: aten/src/ATen/native/Linear.cpp.
"""

from __future__ import annotations

import functools
import math
import string
from typing import Any

from ...errors import class_name
from ...naming.namespace import export
from ...tensor import Tensor
from ..reductions.reduce import sum_
from ..views.reshape import diagonal_
from .linalg import bmm

_LETTERS = string.ascii_uppercase + string.ascii_lowercase


def _labels(term: str, k: int | None, start: int) -> list[str]:
    """The letters of one operand, whose term begins at `start` of the equation; "..." stands for the dimensions that have no letter."""
    out, i = [], 0
    while i < len(term):
        c = term[i]
        if c == " ":
            i += 1
            continue
        if c == ".":
            where = f"operand {k}" if k is not None else "the output"
            if "..." in out or not term.startswith("...", i):
                if k is None:
                    raise RuntimeError("einsum(): found '.' for output but an ellipsis (...) was already found")
                raise RuntimeError(
                    f"einsum(): found '.' for {where} that is not part of any ellipsis"
                    if "..." not in out
                    else f"einsum(): found '.' for {where} for which an ellipsis was already found"
                )
            out.append("...")
            i += 3
            continue
        if c not in _LETTERS:
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {start + i} in the equation string, subscripts must be in [a-zA-Z]"
            )
        out.append(c)
        i += 1
    return out


def _from_sublists(args: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """einsum(x, [0, 1], y, [1, 2], [0, 2]) as an equation."""

    def text(indices: Any) -> str:
        return "".join("..." if i is Ellipsis else _LETTERS[i] for i in indices)

    pairs = len(args) // 2
    equation = ",".join(text(args[2 * k + 1]) for k in range(pairs))
    if len(args) % 2:
        equation += "->" + text(args[-1])
    return equation, [args[2 * k] for k in range(pairs)]


@functools.lru_cache(maxsize=256)
def _read(equation: str, ndims: tuple[int, ...]) -> tuple[list[list[str]], list[str], list[str]]:
    """The letters of each operand, of the result, and of all in the common order, for operands of so many dimensions."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise RuntimeError(
            "einsum(): fewer operands were provided than specified in the equation"
            if len(terms) > len(ndims)
            else "einsum(): more operands were provided than specified in the equation"
        )
    starts = [sum(len(t) + 1 for t in terms[:k]) for k in range(len(terms))]
    parsed = [_labels(t, k, start) for k, (t, start) in enumerate(zip(terms, starts, strict=True))]
    hidden = 0
    for k, (labels, ndim) in enumerate(zip(parsed, ndims, strict=True)):
        extra = ndim - (len(labels) - ("..." in labels))
        if extra < 0 or (extra and "..." not in labels):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(labels) - ('...' in labels)}) "
                f"{'is more than' if '...' in labels else 'does not match'} the number of dimensions ({ndim}) for operand {k}"
                + ("" if "..." in labels else " and no ellipsis was given")
            )
        if "..." in labels:
            hidden = max(hidden, extra)
    batch = [f".{k}" for k in range(hidden)]

    def spelled(labels: list[str], count: int) -> list[str]:
        return [b for s in labels for b in (batch[hidden - count :] if s == "..." else [s])]

    full = [spelled(p, ndim - len(p) + 1) for p, ndim in zip(parsed, ndims, strict=True)]
    if arrow:
        result = spelled(_labels(right, None, len(left) + 2), hidden)
        for k, s in enumerate(result):
            if s in result[:k]:
                raise RuntimeError(f"einsum(): output subscript {s} appears more than once in the output")
            if not any(s in f for f in full) and not s.startswith("."):
                raise RuntimeError(f"einsum(): output subscript {s} does not appear in the equation for any input operand")
    else:
        every = [s for f in full for s in f]
        result = batch + sorted(s for s in set(every) if every.count(s) == 1 and not s.startswith("."))
    order = result + sorted({s for f in full for s in f} - set(result))
    return full, result, order


@export("torch")
def einsum(*args: Any) -> Any:
    """Sums of products after a short equation, such as "ij,jk->ik"."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list"
        )
    if isinstance(args[0], str):
        equation, operands = args[0], list(args[1]) if len(args) == 2 and isinstance(args[1], (list, tuple)) else list(args[1:])
    elif args and not isinstance(args[0], Tensor):
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {class_name(args[0])}")
    else:
        equation, operands = _from_sublists(args)
    if not operands:
        raise RuntimeError("einsum(): must provide at least one operand")
    for k, operand in enumerate(operands):
        if not isinstance(operand, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 1, but got {class_name(operand)}")
    full, result, order = _read(equation, tuple([operand._data.ndim for operand in operands]))
    size: dict[str, int] = {}
    for k, (labels, x) in enumerate(zip(full, operands, strict=True)):
        own: dict[str, int] = {}
        for s, n in zip(labels, x._data.shape, strict=True):
            if own.setdefault(s, n) != n:
                raise RuntimeError(f"einsum(): subscript {s} is repeated for operand {k} but the sizes don't match, {n} != {own[s]}")
            have = size.get(s, 1)
            if n not in (1, have) and have != 1:
                if s.startswith("."):
                    raise RuntimeError(
                        f"einsum(): dimension {labels.index(s)} covered by ellipsis in operand {k}has size {n} which does not broadcast with "
                        f"previously seen ellipsis with size {have} for the respective dimension"
                    )
                raise RuntimeError(
                    f"einsum(): subscript {s} has size {n} for operand {k} which does not broadcast with previously seen size {have}"
                )
            size[s] = max(have, n) if n else 0
    lined = [_lined_up(x, labels, order) for x, labels in zip(operands, full, strict=True)]
    last = {s: max(k for k, f in enumerate(full) if s in f) for s in order if s not in result}
    value = lined[0]
    if len(lined) == 1:
        return sum_(value, list(range(len(result), len(order)))) if last else value
    done = [s for s, k in last.items() if k == 0]
    if done:
        value = sum_(value, [order.index(s) for s in done], True)
    for k in range(1, len(lined)):
        sums = [order.index(s) for s, at in last.items() if at == k]
        alike = value._data.dtype is lined[k]._data.dtype
        if sums and not alike:
            raise RuntimeError(f"expected scalar type {value.dtype.scalar_name} but found {lined[k].dtype.scalar_name}")
        value = _pair(value, lined[k], sums) if alike else value * lined[k]
    return value.view(value._data.shape[: len(result)]) if last else value


def _lined_up(x: Any, labels: list[str], order: list[str]) -> Any:
    """x with its dimensions in the common order; a letter that comes twice is a diagonal."""
    names = list(labels)
    k = 0
    while k < len(names):
        if names[k] in names[:k]:
            first = names.index(names[k])
            if x._data.shape[first] != x._data.shape[k]:
                raise RuntimeError(
                    f"einsum(): subscript {names[k]} is repeated for operand 0 but the sizes don't match, {x._data.shape[k]} != "
                    f"{x._data.shape[first]}"
                )
            x = diagonal_(x, 0, first, k).movedim(-1, first)
            del names[k]
        else:
            k += 1
    for s in order:
        if s not in names:
            x = x.unsqueeze(len(names))
            names.append(s)
    return x.permute(*(names.index(s) for s in order)) if order else x


def _pair(x: Any, y: Any, sums: list[int]) -> Any:
    """The product of two lined-up operands, summed over some dimensions, as one bmm (sumproduct_pair in ATen)."""
    n = x._data.ndim
    both, only_x, only_y, summed = [], [], [], []
    for d in range(n):
        a, b = x._data.shape[d], y._data.shape[d]
        if d in sums:
            if a != 1 and b != 1:
                summed.append(d)
            elif a != 1:
                x = sum_(x, d, True)
            elif b != 1:
                y = sum_(y, d, True)
        elif a != 1 and b != 1:
            both.append(d)
        elif a != 1:
            only_x.append(d)
        else:
            only_y.append(d)

    if not summed:
        return x * y
    if only_x and only_y and only_y[-1] < only_x[0]:  # the other way round the result lies in the order that is asked for
        x, y, only_x, only_y = y, x, only_y, only_x

    def count(t: Any, dims: list[int]) -> int:
        return math.prod([t._data.shape[d] for d in dims])

    rest = [d for d in range(n) if d in sums and d not in summed]
    left = x.permute(*both, *only_x, *summed, *only_y, *rest).reshape(count(x, both), count(x, only_x), count(x, summed))
    right = y.permute(*both, *summed, *only_y, *only_x, *rest).reshape(count(y, both), count(y, summed), count(y, only_y))
    sizes = [x._data.shape[d] for d in both + only_x] + [1] * len(summed) + [y._data.shape[d] for d in only_y] + [1] * len(rest)
    out = bmm(left, right).reshape(sizes)
    places = both + only_x + summed + only_y + rest
    return out.permute(tuple(places.index(d) for d in range(n)))


@export("functional torch")
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """x^T A y + b for each pair of rows."""
    given = {"input1": input1, "input2": input2, "weight": weight, **({} if bias is None else {"bias": bias})}
    if len({t._data.dtype for t in given.values()}) > 1:
        told = ", ".join(f"{name}: {t.dtype.c_name}" for name, t in given.items())
        raise RuntimeError(f"All tensors must have the same dtype, got {told}")
    a, b = input1._data.shape, input2._data.shape
    if len(a) != len(b):
        raise RuntimeError(f"bilinear(): input dimensions do not match: got {len(a)} and {len(b)}")
    for k, (n, m) in enumerate(zip(a[:-1], b[:-1], strict=True)):
        if n != m:
            raise RuntimeError(f"bilinear(): input batch dimensions do not match at dim {k}: got {n} and {m}")
    for word, x, k in (("input1", input1, 1), ("input2", input2, 2)):
        if x._data.shape[-1] != weight._data.shape[k]:
            raise RuntimeError(
                f"bilinear(): {word} size does not match weight size: got {x._data.shape[-1]} but expected {weight._data.shape[k]}"
            )
    out = einsum("...i,oij,...j->...o", input1, weight, input2)
    return out if bias is None else out + bias


__all__ = ["Tensor", "bilinear", "einsum"]
