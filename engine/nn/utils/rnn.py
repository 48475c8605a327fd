"""Batches of sequences of different lengths (torch.nn.utils.rnn)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from ...namespace import TORCH
from ...ops.fill import told_leaf
from ...ops.padding import pad
from ...tensor import Tensor


class _Packed(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any = None
    unsorted_indices: Any = None


class PackedSequence(_Packed):
    """Sequences sorted by length, time step by time step: batch_sizes[t] of them are longer than t."""

    __slots__ = ()

    def __new__(cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None) -> PackedSequence:
        if unsorted_indices is None and sorted_indices is not None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with the data in another dtype."""
        return PackedSequence(self.data.to(*args, **kwargs), *self[1:])

    @property
    def is_cuda(self) -> bool:
        """Never: there is only the CPU."""
        return False


PackedSequence.__name__ = "PackedSequence"


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes another."""
    return None if permutation is None else Tensor(np.argsort(permutation._data, kind="stable"))


def pad_sequence(sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right") -> Any:
    """Tensors of different lengths as one, filled up with a value."""
    if not isinstance(sequences, Iterable):
        raise RuntimeError(f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}")
    given = tuple(sequences)
    if not given:
        raise RuntimeError("received an empty list of sequences")
    longest = max(s.shape[0] for s in given)
    filled = []
    for s in given:
        missing = longest - s.shape[0]
        sides = (0, missing) if padding_side == "right" else (missing, 0)
        filled.append(pad(s, (0, 0) * (s.dim() - 1) + sides, "constant", padding_value) if missing else s)
    return TORCH["stack"](filled, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences of a padded batch at their lengths."""
    batch = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:n] for row, n in zip(batch, lengths.tolist(), strict=True)]


def pack_padded_sequence(input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True) -> PackedSequence:
    """A padded batch without its padding."""
    counts = np.asarray(lengths._data if isinstance(lengths, Tensor) else lengths, np.int64)
    order = None
    if enforce_sorted:
        if (np.diff(counts) > 0).any():
            raise RuntimeError(
                "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to "
                "pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability."
            )
    else:
        order = np.argsort(-counts, kind="stable")
        counts = counts[order]
        input = input.index_select(0 if batch_first else 1, Tensor(order))
    if counts.size and counts[-1] <= 0:
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    steps = input.transpose(0, 1) if batch_first else input
    if steps.shape[1] != counts.size:
        raise RuntimeError(f"Expected `len(lengths)` to be equal to batch_size, but got {counts.size} (batch_size={steps.shape[1]})")
    sizes = [int((counts > t).sum()) for t in range(int(counts.max()))]
    data = TORCH["cat"]([steps[t, :n] for t, n in enumerate(sizes)])
    return PackedSequence(data, Tensor(np.array(sizes, np.int64)), None if order is None else Tensor(order))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Any]:
    """A packed batch with padding again, and the lengths."""
    sizes = sequence.batch_sizes.tolist()
    steps = len(sizes)
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {steps}"
            )
        steps = total_length
    rows = []
    tail = (0, 0) * (sequence.data.dim() - 1)
    for piece in sequence.data.split(sizes):
        missing = sizes[0] - piece.shape[0]
        rows.append(pad(piece, (*tail, 0, missing), "constant", padding_value) if missing else piece)
    empty = np.full((sizes[0], *sequence.data.shape[1:]), padding_value, sequence.data._data.dtype)
    rows += [told_leaf(empty)] * (steps - len(sizes))
    padded = TORCH["stack"](rows, 1 if batch_first else 0)
    lengths = np.array([sum(n > k for n in sizes) for k in range(sizes[0])], np.int64)
    back = sequence.unsorted_indices
    if back is None:
        return padded, Tensor(lengths)
    return padded.index_select(0 if batch_first else 1, back), Tensor(lengths[back._data])


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Tensors of different lengths, packed."""
    lengths = Tensor(np.array([s.shape[0] for s in sequences], np.int64))
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences of a packed batch."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
