"""What torch.Tensor(...), torch.FloatTensor(...), tensor.new(...) and the classes of a script that are tensors are called with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from .. import dtypes
from ..tensor import Tensor, device
from .legacy import array_of

Array = np.ndarray[Any, Any]

_WAYS = (
    "(*, torch.device? device = None)",
    "(torch.Storage storage)",
    "(Tensor other)",
    "(tuple of ints size, *, torch.device? device = None)",
    "(object data, *, torch.device? device = None)",
)
_IN_C = {
    "float32": "float", "float64": "double", "float16": "c10::Half", "bfloat16": "c10::BFloat16", "int64": "long int", "int32": "int",
    "int16": "short int", "int8": "signed char", "uint8": "unsigned char", "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
}  # fmt: skip


@cache
def _ways() -> Sequence[Any]:
    from ..calls.signatures import parsed

    return tuple(parsed(way) for way in _WAYS)


def _refused(given: tuple[Any, ...], named: dict[str, Any]) -> TypeError:
    from ..calls.signatures import none_fits

    return TypeError(none_fits("new", _ways(), given, named))


def _options(dtype: dtypes.dtype) -> str:
    kept = "layout=Strided, requires_grad=false (default), pinned_memory=false (default), memory_format=(nullopt)"
    return f"TensorOptions(dtype={_IN_C.get(dtype.name, dtype.name)}, device=cpu, {kept})"


def constructed(given: tuple[Any, ...], named: dict[str, Any], dtype: dtypes.dtype, older: str = "constructor") -> tuple[Array, Any]:
    """(numbers, the storage that they share with another tensor or None) of one call.

    Args:
        given: what stands without a name: sizes, a sequence, an array, a tensor.
        named: `device`, and PyTorch's names of the others (`data`, `size`, `other`).
        dtype: what the numbers are.
        older: "constructor" of a class, or "new" of a tensor.
    """
    if named:
        given = _without_names(given, dict(named), older)
    if len(given) == 1 and isinstance(given[0], Tensor):
        (data,) = given
        if older == "constructor":
            if data.dtype is not dtype:
                raise TypeError(f"expected {_options(dtype)} (got {_options(data.dtype)})")
            return data._data, data._storage
    return array_of(given, dtype), None


def _without_names(given: tuple[Any, ...], named: dict[str, Any], older: str) -> tuple[Any, ...]:
    """The call without names, where PyTorch takes them."""
    asked = dict(named)
    where = named.pop("device", None)
    if where is not None and not isinstance(where, (str, int, device)):
        raise _refused(given, asked)
    if (len(named) + len(given) > 1 and named) or set(named) - {"data", "size", "other"}:
        raise _refused(given, asked)
    if where is not None:
        place = where if isinstance(where, device) else device(where)
        if place.type != "cpu":
            raise RuntimeError(f"legacy constructor expects device type: cpu but device type: {place.type} was passed")
    given = (*given, *((tuple(v) if n == "size" else v) for n, v in named.items())) if "size" not in named else tuple(named["size"])
    if where is not None and len(given) == 1 and isinstance(given[0], Tensor):
        form, way = (
            ("torch.Tensor(tensor, device=device)", "torch.tensor(...) or ")
            if older == "constructor"
            else ("tensor.new(tensor, device=device)", "")
        )
        raise RuntimeError(f"Legacy tensor {older} of the form {form} is not supported.  Use {way}torch.as_tensor(...) instead.")
    return given


def begin(made: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """The numbers of a new tensor of any class but Parameter."""
    from .factories import told

    array, storage = constructed(given, named, dtypes.get_default_dtype())
    made._hold(array)
    if storage is not None:
        made._storage = storage
    told(made)


__all__ = ["begin", "constructed"]
