"""Batches of sequences of different lengths (torch.nn.utils.rnn)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from ...errors import class_name
from ...half.bfloat16 import cast
from ...op import Op, apply
from ...ops.fill import told_leaf
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
        """The same with the data in another dtype; itself where they have it."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else PackedSequence(data, *self[1:])

    @property
    def is_cuda(self) -> bool:
        """Never: there is only the CPU."""
        return False


PackedSequence.__name__ = "PackedSequence"


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes another."""
    return None if permutation is None else Tensor._of(np.argsort(permutation._data, kind="stable"))


def pad_sequence(sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right") -> Any:
    """Tensors of different lengths as one, filled up with a value."""
    if not isinstance(sequences, Iterable):
        raise RuntimeError(f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}")
    given = tuple(sequences)
    if not given:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    for k, s in enumerate(given):
        if not isinstance(s, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {class_name(s)}")
        if not s._data.ndim:
            raise RuntimeError("ArrayRef: invalid slice, N = 1; size = 0")
    longest, rest = max(s.shape[0] for s in given), tuple(given[0].shape[1:])
    whole = (len(given), longest, *rest) if batch_first else (longest, len(given), *rest)
    out = told_leaf(cast(np.full(whole, padding_value), given[0]._data.dtype))
    for k, s in enumerate(given):
        room = out.select(0 if batch_first else 1, k)
        room.narrow(0, 0 if padding_side == "right" else longest - s.shape[0], s.shape[0]).copy_(s)
    return out


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences of a padded batch at their lengths, chosen by masks as in PyTorch (which turns the batch round in place, too)."""
    if not batch_first:
        padded_sequences.transpose_(0, 1)
    steps = Tensor._of(np.arange(padded_sequences.shape[1]))
    return [row[steps < length] for row, length in zip(padded_sequences, lengths, strict=True)]


def _packed(x: Any, batch_sizes: Any, batch_first: bool) -> Any:
    steps = x.swapaxes(0, 1) if batch_first else x
    return np.concatenate([steps[t, :n] for t, n in enumerate(batch_sizes)])


def _unpacked(g: Any, batch_sizes: Any, batch_first: bool, size: tuple[int, ...]) -> Any:
    """Zeros where the padding was."""
    out = np.zeros(size, g.dtype)
    steps, at = out.swapaxes(0, 1) if batch_first else out, 0
    for t, n in enumerate(batch_sizes):
        steps[t, :n] = g[at : at + n]
        at += n
    return out


_pack = Op(
    "_pack_padded_sequence", _packed, grad_fn="PackPaddedSequenceBackward0", frees="batch_sizes",
    vjps=(
        lambda g, x_shape, batch_sizes, batch_first: _unpack(g, batch_sizes=batch_sizes, batch_first=batch_first, size=tuple(x_shape)),
    ),
    formulas=(r"\bar{x} = \mathrm{pad}(\bar{z})",),
)  # fmt: skip
_unpack = Op(
    "_pack_padded_sequence_backward", _unpacked, inputs=("g",),
    vjps=(lambda g, batch_sizes, batch_first, size: _pack(g, batch_sizes=batch_sizes, batch_first=batch_first),),
    formulas=(r"\bar{g} = \mathrm{pack}(\bar{z})",),
)  # fmt: skip


def pack_padded_sequence(input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True) -> PackedSequence:
    """A padded batch without its padding."""
    if not isinstance(input, Tensor):
        raise TypeError(f"_pack_padded_sequence(): argument 'input' (position 1) must be Tensor, not {class_name(input)}")
    counts = np.asarray(lengths._data if isinstance(lengths, Tensor) else lengths, np.int64)
    order = None
    if counts.ndim != 1:
        raise RuntimeError(f"'lengths' argument should be a 1D CPU int64 tensor, but got {counts.ndim}D cpu Long tensor")
    if not enforce_sorted:
        order = np.argsort(-counts, kind="stable")
        counts = counts[order]
        input = input.index_select(0 if batch_first else 1, Tensor._of(order))
    batch = input.shape[0 if batch_first else 1]
    if batch != counts.size:
        raise RuntimeError(f"Expected `len(lengths)` to be equal to batch_size, but got {counts.size} (batch_size={batch})")
    if counts.size and counts[-1] <= 0:
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    if (np.diff(counts) > 0).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to "
            "pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability."
        )
    sizes = np.array([(counts > t).sum() for t in range(int(counts.max()))], np.int64)
    steps = input.shape[1 if batch_first else 0]  # PyTorch lets a length go beyond them
    data = apply(_pack, (input,), {"batch_sizes": sizes[:steps], "batch_first": batch_first})
    return PackedSequence(data, Tensor._of(sizes), None if order is None else Tensor._of(order))


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
    rest = tuple(sequence.data.shape[1:])
    padded: Any = told_leaf(np.full((steps, sizes[0], *rest), padding_value, sequence.data._data.dtype))
    first = 0
    for n, alike in itertools.groupby(sizes):  # steps with as many sequences are written at once, as in PyTorch
        count = len(list(alike))
        at = sum(sizes[:first])
        padded[first : first + count, :n].copy_(sequence.data[at : at + count * n].view(count, n, *rest))
        first += count
    if batch_first:
        padded = padded.transpose(0, 1)
    lengths = np.array([sum(n > k for n in sizes) for k in range(sizes[0])], np.int64)
    back = sequence.unsorted_indices
    if back is None:
        return padded, Tensor._of(lengths)
    return padded.index_select(0 if batch_first else 1, back), Tensor._of(lengths[back._data])


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Tensors of different lengths, packed."""
    lengths = Tensor._of(np.array([s.shape[0] for s in sequences], np.int64))
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences of a packed batch."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
