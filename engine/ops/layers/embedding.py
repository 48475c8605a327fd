"""Rows of a table by number: embedding, embedding_bag, one_hot (torch.nn.functional)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import modes
from ...arrays.arithmetic import mixed_along
from ...errors import class_name, old_type_name
from ...graph.node import AccumulateGrad
from ...graph.saved import track
from ...graph.scattered import Scattered
from ...half.bfloat16 import readable
from ...memory.inplace import overwrite
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..fill import told_leaf


def _spread(g: Any, indices: Any, rows: int, padding_idx: int, by_count: bool) -> Any:
    """Add the rows of g to the table's rows that they came from."""
    flat = indices.reshape(-1)
    wide = np.array(g.reshape(flat.size, g.shape[-1]))
    if padding_idx >= 0:
        wide[flat == padding_idx] = 0
    if by_count:
        wide /= np.bincount(flat, minlength=rows)[flat][:, None].astype(wide.dtype)
    out = np.zeros((rows, wide.shape[1]), g.dtype)
    np.add.at(out, flat, wide)
    return out


def _gathered(g: Any, indices: Any, rows: int, padding_idx: int, by_count: bool) -> Any:
    """The vjp of `_spread`: rows of the table again."""
    if by_count:
        raise RuntimeError("the derivative for 'embedding_backward' is not implemented for scale_grad_by_freq=True")
    out = embedding_row(g, indices=indices, rows=rows, padding_idx=-1, by_count=False)
    if padding_idx < 0:
        return out
    keep = (indices != padding_idx)[..., None]
    return out * (keep.astype(g.dtype) if isinstance(g, np.ndarray) else Tensor._of(keep.astype(g._data.dtype)))


embedding_row = Op(
    "embedding", lambda weight, indices, rows, padding_idx, by_count: weight[indices], inputs=("weight",), frees="indices",
    vjps=(lambda g, indices, rows, padding_idx, by_count: embedding_spread(g, indices=indices, rows=rows, padding_idx=padding_idx, by_count=by_count),),
    formulas=(r"\bar{W}[i] \mathrel{+}= \bar{z}",),
)  # fmt: skip


def _rows_of(g: Any, indices: Any, rows: int, padding_idx: int, by_count: bool, node: Any) -> Any:
    """As `embedding_spread`, as the rows that were looked up where they go to a leaf (sparse=True)."""
    if by_count:
        raise RuntimeError("embedding_backward: scale_grad_by_freq not supported with sparse gradients")
    if not isinstance(g, np.ndarray) or type(node.edges[0]) is not AccumulateGrad:
        return embedding_spread(g, indices=indices, rows=rows, padding_idx=padding_idx, by_count=False)
    flat, entries = indices.reshape(-1), g.reshape(indices.size, g.shape[-1])
    if padding_idx >= 0:
        flat, entries = flat[flat != padding_idx], entries[flat != padding_idx]
    return Scattered(flat[None].astype(np.int64), entries, (rows, g.shape[-1]))


sparse_embedding_row = Op(
    "embedding",
    embedding_row.forward,
    inputs=("weight",),
    frees="indices",
    scatters=True,
    vjps=(_rows_of,),
    formulas=embedding_row.formulas,
)


def _by_members(g: Any, member: Any) -> Any:
    """Each row of a bag gets its share of the bag's cotangent."""
    return mixed_along(g, member.T, 0) if isinstance(g, np.ndarray) else Tensor._of(member.T) @ g


def _bag_weight_vjp(g: Any, scale: Any, indices: Any, rows: int, padding_idx: int, by_count: bool, member: Any) -> Any:
    shares = _shares(g, scale, member)
    return embedding_spread(shares, indices=indices, rows=rows, padding_idx=padding_idx, by_count=by_count)


def _shares(g: Any, scale: Any, member: Any) -> Any:
    shares = _by_members(g, member)
    return shares if scale is None else shares * scale.reshape(-1, 1)


def _bag_rows_of(g: Any, scale: Any, indices: Any, rows: int, padding_idx: int, by_count: bool, member: Any, node: Any) -> Any:
    return _rows_of(_shares(g, scale, member), indices, rows, padding_idx, by_count, node)


def _bag_scale_vjp(g: Any, weight: Any, scale_shape: Any, indices: Any, member: Any) -> Any:
    found = embedding_row(weight, indices=indices, rows=weight.shape[0], padding_idx=-1, by_count=False)
    return (_by_members(g, member) * found).sum(-1).reshape(scale_shape)


bag_row = Op(
    "embedding_bag",
    lambda weight, scale, indices, rows, padding_idx, by_count, member: np.ascontiguousarray(
        mixed_along(weight[indices] if scale is None else weight[indices] * scale.reshape(-1, 1), member, 0)
    ),
    inputs=("weight", "scale"), frees="indices", vjps=(_bag_weight_vjp, _bag_scale_vjp),
    formulas=(r"\bar{W}[i] \mathrel{+}= s_i\,\bar{z}_{\mathrm{bag}(i)}", r"\bar{s}_i = W[i] \cdot \bar{z}_{\mathrm{bag}(i)}"),
)  # fmt: skip
sparse_bag_row = Op(
    "embedding_bag", bag_row.forward, inputs=("weight", "scale"), frees="indices", scatters=True, vjps=(_bag_rows_of, _bag_scale_vjp),
    formulas=bag_row.formulas,
)  # fmt: skip


def _spread_maxima(g: Any, winners: Any, rows: int) -> Any:
    """Each number of g to the row of the table that it came from; -1 came from none."""
    out = np.zeros((rows, g.shape[1]), g.dtype)
    bags, columns = np.nonzero(winners >= 0)
    np.add.at(out, (winners[bags, columns], columns), g[bags, columns])
    return out


def _maxima(weight: Any, winners: Any, rows: int) -> Any:
    return np.where(winners >= 0, np.take_along_axis(weight, np.maximum(winners, 0), 0), weight.dtype.type(0))


bag_maximum = Op(
    "embedding_bag", lambda weight, scale, winners, rows: _maxima(weight, winners, rows), inputs=("weight", "scale"), frees="winners",
    vjps=(lambda g, winners, rows: bag_spread(g, winners=winners, rows=rows), lambda g: None),
    formulas=(r"\bar{W}[\mathrm{argmax}] \mathrel{+}= \bar{z}", r"\bar{s} = 0"),
)  # fmt: skip
bag_spread = Op(
    "embedding_bag_dense_backward", _spread_maxima, inputs=("g",),
    vjps=(lambda g, winners, rows: bag_gathered(g, winners=winners, rows=rows),), formulas=(r"\bar{g} = \bar{W}[\mathrm{argmax}]",),
)  # fmt: skip
bag_gathered = Op(
    "embedding_bag_gather", _maxima, inputs=("weight",), vjps=(lambda g, winners, rows: bag_spread(g, winners=winners, rows=rows),),
    formulas=(r"\bar{W}[\mathrm{argmax}] \mathrel{+}= \bar{z}",),
)  # fmt: skip
embedding_spread = Op("embedding_dense_backward", _spread, inputs=("g",), vjps=(_gathered,), formulas=(r"\bar{g} = \bar{W}[i]",))


def _indices(input: Any, weight: Any, what: str) -> Any:
    if not isinstance(input, Tensor):
        raise TypeError(f"{what}(): argument 'indices' (position 2) must be Tensor, not {class_name(input)}")
    if input._data.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            f"Expected tensor for argument #{1 + (what == 'embedding_renorm_')} 'indices' to have one of the following scalar types: Long, Int; "
            f"but got {old_type_name(input._data)} instead (while checking arguments for {what})"
        )
    if weight._data.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    rows = weight._data.shape[0]
    if not rows and input._data.size and what == "embedding":
        raise RuntimeError("index_select(): self indexing axis dim should be positive")
    if modes.grad and weight._requires_grad and weight._data.dtype.kind == "c":
        raise RuntimeError("embedding does not support automatic differentiation for outputs with complex dtype.")
    if input._data.size and (input._data.min() < 0 or input._data.max() >= rows):
        raise IndexError("index out of range in self")
    return input._data


def _padding(padding_idx: int | None, rows: int) -> int:
    if padding_idx is None:
        return -1
    if not -rows <= padding_idx < rows:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % rows


def _renorm(weight: Any, indices: Any, max_norm: float, norm_type: float) -> None:
    """Shorten the rows that are looked up to max_norm, in place and outside autograd, as PyTorch does."""
    data = weight._data
    wanted = np.unique(indices)
    norms = np.linalg.norm(data[wanted].astype(np.float64), ord=norm_type, axis=1)
    long = norms > max_norm
    if long.any():
        made = data.copy()
        made[wanted[long]] *= (max_norm / (norms[long] + 1e-7)).astype(data.dtype)[:, None]
        overwrite(weight, made)


@export("functional")
def embedding(
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Any:  # fmt: skip
    """Rows of `weight` by the numbers in `input`; the row `padding_idx` gets no gradient."""
    if weight._data.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    padding = _padding(padding_idx, weight._data.shape[0])
    indices = _indices(input, weight, "embedding" if max_norm is None else "embedding_renorm_")
    if max_norm is not None:
        _renorm(weight, indices, max_norm, norm_type)
    params = {"indices": indices, "rows": weight._data.shape[0], "padding_idx": padding, "by_count": scale_grad_by_freq}
    return track(apply(sparse_embedding_row if sparse else embedding_row, (weight,), params), input)


@export("torch", "embedding")
def torch_embedding(weight: Any, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False) -> Any:
    """As F.embedding, with the arguments in torch.embedding's order."""
    return embedding(indices, weight, None if padding_idx < 0 else padding_idx, None, 2.0, scale_grad_by_freq, sparse)


@export("functional")
def embedding_bag(
    input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2, scale_grad_by_freq: bool = False,
    mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None, include_last_offset: bool = False, padding_idx: int | None = None,
) -> Any:  # fmt: skip
    """Sums, means or maxima of the rows of each bag."""
    table, numbers = weight, input
    if weight._data.dtype.kind not in "fV" and input._data.dtype.kind in "fV":  # PyTorch still accepts the two the other way round
        modes.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is deprecated, and should "
            "now be `embedding_bag(input, weight, ...)`."
        )
        table, numbers = input, weight
    if per_sample_weights is not None and per_sample_weights._data.shape != numbers._data.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the same shape as the input "
            f"({numbers.shape})"
        )
    if table._data.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {table._data.ndim}")
    if numbers._data.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>"
            )
        bags = numbers._data.shape[0]
        starts = np.arange(bags + 1) * numbers._data.shape[1]
    elif numbers._data.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {numbers._data.ndim}")
    else:
        if offsets is None:
            raise ValueError("offsets has to be a 1D Tensor but got None")
        if offsets._data.ndim != 1:
            raise ValueError("offsets has to be a 1D Tensor")
        if offsets._data.size and offsets._data[0]:
            raise RuntimeError(
                "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got "
                f"{offsets._data[0]}\n[ torch.{offsets.dtype.scalar_name}Tensor{{}} ]"
            )
        if offsets._data.size and offsets._data[-1] > numbers._data.size:
            raise RuntimeError(
                f"offsets[-1] can not be greater than input's length {numbers._data.size} but got offsets[-1] of {offsets._data[-1]}"
            )
        starts = offsets._data if include_last_offset else np.append(offsets._data, numbers._data.size)
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and (scale_grad_by_freq or sparse):
        refused = "scaling the gradient by the frequency" if scale_grad_by_freq else "sparse weights"
        raise ValueError(f"max mode does not support {refused}")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
            f"(got mode='{mode}'). Please open a feature request on GitHub."
        )
    flat = numbers.reshape(-1)
    rows = table._data.shape[0]
    padding = _padding(padding_idx, rows)
    bad = np.flatnonzero((flat._data < 0) | (flat._data >= rows)) if flat._data.dtype.kind == "i" else ()
    if len(bad):
        place, value = bad[0], flat._data[bad[0]]
        raise RuntimeError(
            f"embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be {value}"
            if mode == "max"
            else f"Index {place} of input takes value {value} which is not in the valid range [0, {rows})"
        )
    member = _members(starts, flat._data != padding, readable(table._data).dtype)
    if mode == "mean":
        member /= np.maximum(member.sum(1, keepdims=True), 1)
    indices = _indices(flat, table, "embedding_bag")
    if max_norm is not None:
        _renorm(table, indices, max_norm, norm_type)
    if mode == "max":
        return track(apply(bag_maximum, (table, None), {"winners": _winners(readable(table._data), indices, member), "rows": rows}), flat)
    params = {"indices": indices, "rows": rows, "padding_idx": padding, "by_count": scale_grad_by_freq, "member": member}
    scale = None if per_sample_weights is None else per_sample_weights.reshape(-1)
    return track(apply(sparse_bag_row if sparse else bag_row, (table, scale), params), flat)


def _members(starts: Any, keep: Any, dtype: Any) -> Any:
    """A row of ones and zeros for each bag: which numbers are in it."""
    made = np.zeros((len(starts) - 1, keep.size), dtype)
    for b in range(len(starts) - 1):
        made[b, int(starts[b]) : int(starts[b + 1])] = 1
    return made * keep.astype(dtype)


def _winners(table: Any, indices: Any, member: Any) -> Any:
    """For each bag and column the row of the table with the largest number, the first of several; -1 where a bag is empty."""
    made = np.full((len(member), table.shape[1]), -1, np.int64)
    for bag, row in enumerate(member):
        rows = indices[np.nonzero(row)[0]]
        if rows.size:
            made[bag] = rows[table[rows].argmax(0)]
    return made


@export("functional")
def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """Rows with a 1 at the given place, int64."""
    data = tensor._data
    if data.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not data.size:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return Tensor._of(np.zeros((*data.shape, num_classes), np.int64))
    if data.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(data.max()) + 1
    elif data.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    made = np.zeros((*data.shape, num_classes), np.int64)
    np.put_along_axis(made, data[..., None], 1, axis=-1)
    return told_leaf(made)


__all__ = ["embedding", "embedding_bag", "one_hot"]
