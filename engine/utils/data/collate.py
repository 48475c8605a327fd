"""From a list of samples to a batch (torch.utils.data.default_collate)."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ...creation.factories import as_tensor, tensor
from ...dtypes import float64
from ...naming.namespace import TORCH
from ...tensor import Tensor

_TEXT_OR_OBJECT = re.compile(r"[SaUO]")
_UNKNOWN = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def default_convert(data: Any) -> Any:
    """Arrays as tensors, within whatever holds them; for loaders without batches."""
    if isinstance(data, Tensor):
        return data
    if isinstance(data, (np.ndarray, np.generic)):
        return data if _TEXT_OR_OBJECT.search(data.dtype.str) else as_tensor(data)
    if isinstance(data, Mapping):
        return _same_mapping(data, {k: default_convert(v) for k, v in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(d) for d in data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _same_sequence(data, [default_convert(d) for d in data])
    return data


def _same_mapping(like: Any, items: dict[Any, Any]) -> Any:
    """The items in a mapping of the same type; a dict where that type does not take them."""
    try:
        if isinstance(like, MutableMapping):
            made = copy.copy(like)
            made.update(items)
            return made
        return type(like)(items)  # type: ignore[call-arg]
    except TypeError:
        return items


def _same_sequence(like: Any, items: list[Any]) -> Any:
    """The items in a sequence of the same type; a list for tuples, and where that type does not take them."""
    if isinstance(like, tuple):
        return items
    try:
        if isinstance(like, MutableSequence):
            made = copy.copy(like)
            for k, item in enumerate(items):
                made[k] = item
            return made
        return type(like)(items)  # type: ignore[call-arg]
    except TypeError:
        return items


def collate(batch: Any, *, collate_fn_map: Mapping[Any, Callable[..., Any]] | None = None) -> Any:
    """Stack samples; `collate_fn_map` says how for each type of sample."""
    first = batch[0]
    kind = type(first)
    table = collate_fn_map or {}
    own = table.get(kind) or next((f for types, f in table.items() if isinstance(first, types)), None)
    if own is not None:
        return own(batch, collate_fn_map=collate_fn_map)
    if isinstance(first, Mapping):
        return _same_mapping(first, {k: collate([d[k] for d in batch], collate_fn_map=collate_fn_map) for k in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return kind(*(collate(samples, collate_fn_map=collate_fn_map) for samples in zip(*batch, strict=False)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        return _same_sequence(first, [collate(samples, collate_fn_map=collate_fn_map) for samples in zip(*batch, strict=True)])
    raise TypeError(_UNKNOWN.format(kind))


def _tensors(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return TORCH["stack"](list(batch), 0)


def _arrays(batch: Any, *, collate_fn_map: Any = None) -> Any:
    if _TEXT_OR_OBJECT.search(batch[0].dtype.str):
        raise TypeError(_UNKNOWN.format(batch[0].dtype))
    return _tensors([as_tensor(b) for b in batch])


def _numpy_numbers(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return as_tensor(np.array(batch))


def _floats(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return tensor(list(batch), dtype=float64)


def _ints(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return tensor(list(batch))


def _texts(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return batch


default_collate_fn_map: dict[Any, Callable[..., Any]] = {
    Tensor: _tensors,
    np.ndarray: _arrays,
    (np.bool_, np.number, np.object_): _numpy_numbers,
    float: _floats,
    int: _ints,
    str: _texts,
    bytes: _texts,
}


def default_collate(batch: Any) -> Any:
    """Stack samples: tensors, arrays, numbers, and tuples, lists and dicts of them."""
    return collate(batch, collate_fn_map=default_collate_fn_map)
