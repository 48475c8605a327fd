"""Which of several equal elements kthvalue, mode and topk name: the one that PyTorch's algorithms end with.

Among equal values any index would be right, but scripts print them. kthvalue runs ATen's quickselect; topk and mode run
the C++ library's nth_element, sort and partial_sort (introselect, introsort and heaps as libstdc++ has them). All of
that matters for rows with ties only; `with_ties` runs it for those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Less = Callable[[int, int], bool]


def quick_select(row: list[Any], k: int) -> int:
    """Where the k-th smallest (from 0) stood, after ATen's quick_select_template."""
    v, at = list(row), list(range(len(row)))

    def above(x: Any, y: Any) -> bool:
        return bool((x != x and y == y) or x > y)

    def swap(i: int, j: int) -> None:
        v[i], v[j] = v[j], v[i]
        at[i], at[j] = at[j], at[i]

    low, high = 0, len(v) - 1
    while high > low:
        if high == low + 1:
            if above(v[low], v[high]):
                swap(low, high)
            break
        swap(low + (high - low) // 2, low + 1)
        if above(v[low + 1], v[high]):
            swap(low + 1, high)
        if above(v[low], v[high]):
            swap(low, high)
        if above(v[low + 1], v[low]):
            swap(low + 1, low)
        i, j, pivot = low + 1, high, v[low]
        while True:
            i += 1
            while above(pivot, v[i]):
                i += 1
            j -= 1
            while above(v[j], pivot):
                j -= 1
            if j < i:
                break
            swap(i, j)
        swap(low, j)
        if j <= k:
            low = i
        if j >= k:
            high = j - 1
    return at[k]


class Sequence:
    """Indices that are ordered by what they point at, with the algorithms of libstdc++ (bits/stl_algo.h, bits/stl_heap.h)."""

    def __init__(self, count: int, less: Less) -> None:
        self.a = list(range(count))
        self.less = less

    def _median_to_front(self, result: int, i: int, j: int, k: int) -> None:
        a, less = self.a, self.less
        if less(a[i], a[j]):
            middle = j if less(a[j], a[k]) else k if less(a[i], a[k]) else i
        else:
            middle = i if less(a[i], a[k]) else k if less(a[j], a[k]) else j
        a[result], a[middle] = a[middle], a[result]

    def _partition(self, first: int, last: int) -> int:
        self._median_to_front(first, first + 1, first + (last - first) // 2, last - 1)
        a, less, pivot = self.a, self.less, self.a[first]
        low, high = first + 1, last
        while True:
            while less(a[low], pivot):
                low += 1
            high -= 1
            while less(pivot, a[high]):
                high -= 1
            if low >= high:
                return low
            a[low], a[high] = a[high], a[low]
            low += 1

    def _insert(self, i: int, first: int) -> None:
        a, less, value = self.a, self.less, self.a[i]
        if less(value, a[first]):
            a[first + 1 : i + 1] = a[first:i]
            a[first] = value
            return
        while less(value, a[i - 1]):
            a[i] = a[i - 1]
            i -= 1
        a[i] = value

    def _insertion_sort(self, first: int, last: int) -> None:
        for i in range(first + 1, last):
            self._insert(i, first)

    def _sift(self, first: int, hole: int, length: int, value: int) -> None:
        a, less, top, child = self.a, self.less, hole, hole
        while child < (length - 1) // 2:
            child = 2 * (child + 1)
            if less(a[first + child], a[first + child - 1]):
                child -= 1
            a[first + hole] = a[first + child]
            hole = child
        if length % 2 == 0 and child == (length - 2) // 2:
            child = 2 * (child + 1)
            a[first + hole] = a[first + child - 1]
            hole = child - 1
        parent = (hole - 1) // 2
        while hole > top and less(a[first + parent], value):
            a[first + hole] = a[first + parent]
            hole = parent
            parent = (hole - 1) // 2
        a[first + hole] = value

    def _heap_select(self, first: int, middle: int, last: int) -> None:
        a, length = self.a, middle - first
        for parent in range((length - 2) // 2, -1, -1) if length >= 2 else ():
            self._sift(first, parent, length, a[first + parent])
        for i in range(middle, last):
            if self.less(a[i], a[first]):
                value, a[i] = a[i], a[first]
                self._sift(first, 0, length, value)

    def partial_sort(self, middle: int, first: int = 0, last: int | None = None) -> None:
        """std::partial_sort of [first, last) up to `middle`."""
        self._heap_select(first, middle, len(self.a) if last is None else last)
        for end in range(middle - 1, first, -1):
            value, self.a[end] = self.a[end], self.a[first]
            self._sift(first, 0, end - first, value)

    def nth_element(self, nth: int) -> None:
        """std::nth_element over all."""
        first, last = 0, len(self.a)
        if nth >= last:
            return
        depth = 2 * (last.bit_length() - 1)
        while last - first > 3:
            if not depth:
                self._heap_select(first, nth + 1, last)
                self.a[first], self.a[nth] = self.a[nth], self.a[first]
                return
            depth -= 1
            cut = self._partition(first, last)
            if cut <= nth:
                first = cut
            else:
                last = cut
        self._insertion_sort(first, last)

    def sort(self, last: int) -> None:
        """std::sort of the first `last` elements."""
        if last < 2:
            return
        waiting = [(0, last, 2 * (last.bit_length() - 1))]
        while waiting:
            first, end, depth = waiting.pop()
            while end - first > 16:
                if not depth:
                    self.partial_sort(end, first, end)
                    break
                depth -= 1
                cut = self._partition(first, end)
                waiting.append((cut, end, depth))
                end = cut
        self._insertion_sort(0, last)


def _before(row: list[Any], largest: bool) -> Less:
    def larger(i: int, j: int) -> bool:
        x, y = row[i], row[j]
        return bool((x != x and y == y) or x > y)

    def smaller(i: int, j: int) -> bool:
        x, y = row[i], row[j]
        return bool((x == x and y != y) or x < y)

    return larger if largest else smaller


def top(row: list[Any], k: int, largest: bool, ordered: bool) -> list[int]:
    """Where topk finds its k elements (TopKImpl.h)."""
    sequence = Sequence(len(row), _before(row, largest))
    if k * 64 <= len(row):
        sequence.partial_sort(k)
    elif k:
        sequence.nth_element(k - 1)
        if ordered:
            sequence.sort(k - 1)
    return sequence.a[:k]


def most_frequent(row: list[Any]) -> int:
    """Where mode finds the most frequent value: the last of its group in std::sort's order; the least of several such values."""
    sequence = Sequence(len(row), _before(row, False))
    sequence.sort(len(row))
    best, found, run = 0, sequence.a[0], 0
    for k, at in enumerate(sequence.a):
        run += 1
        if k == len(row) - 1 or row[at] != row[sequence.a[k + 1]]:
            if run > best:
                best, found = run, at
            run = 0
    return found


def with_ties(x: Array, dim: int, places: Array, find: Callable[[list[Any]], Any], always: bool = False) -> Array:
    """`places` along `dim`, and in rows with equal elements what `find` says instead (with `always` in every row)."""
    if not x.size:
        return places
    rows = np.moveaxis(x, dim, -1)
    ranked = np.sort(rows, axis=-1)
    tied = (ranked[..., 1:] == ranked[..., :-1]).any(-1) | (np.isnan(x).sum(dim) > 1 if x.dtype.kind == "f" else False)
    tied = np.ones_like(tied) if always else tied
    if not tied.any():
        return places
    out = np.array(np.moveaxis(places, dim, -1) if np.ndim(places) == x.ndim else places)
    for at in np.ndindex(tied.shape):
        if tied[at]:
            out[at] = find(rows[at].tolist())
    return np.moveaxis(out, -1, dim) if np.ndim(places) == x.ndim else out


__all__ = ["Sequence", "most_frequent", "quick_select", "top", "with_ties"]
