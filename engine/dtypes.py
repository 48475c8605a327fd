"""PyTorch's dtypes and its type promotion (torch/csrc docs: tensor_attributes, "type promotion").

numpy's dtypes carry the data; `dtype` objects are the names that scripts see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .half.bfloat16 import WORD

NumpyDType = np.dtype[Any]


class Spoken(type):
    """Classes that PyTorch writes in C: Python's own errors tell their whole names ("'torch.dtype' object is not callable"), and scripts read the last part."""

    @property
    def __name__(cls) -> str:
        return whole_name(cls).rpartition(".")[2]

    @__name__.setter
    def __name__(cls, name: str) -> None:
        _NAME.__set__(cls, name)


_NAME: Any = type.__dict__["__name__"]


def whole_name(kind: type) -> str:
    """The name of a class as Python's own errors tell it."""
    return str(_NAME.__get__(kind))


class dtype(metaclass=Spoken):  # noqa: N801 - PyTorch's name
    """A dtype such as `torch.float32`; one object each, compared by identity."""

    __slots__ = ("category", "is_complex", "is_floating_point", "itemsize", "name", "numpy")

    def __init__(self, name: str, numpy: type) -> None:
        self.name = name
        self.numpy: NumpyDType = np.dtype(numpy)
        self.itemsize = self.numpy.itemsize
        self.is_floating_point = self.numpy.kind == "f"
        self.is_complex = self.numpy.kind == "c"
        self.category = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}[self.numpy.kind]

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (dtype_named, (self.name,))

    @property
    def is_signed(self) -> bool:
        """Whether there are negative numbers."""
        return self.numpy.kind not in "bu"

    @property
    def scalar_name(self) -> str:
        """The name in error texts: "Float", "Long" (c10::ScalarType)."""
        return SCALAR_NAMES[self.name]

    @property
    def c_name(self) -> str:
        """The name of the C++ type in error texts: "float", "long int" (caffe2::TypeMeta)."""
        return C_NAMES.get(self.name, self.name)

    def to_complex(self) -> dtype:
        """The complex dtype of the same width."""
        return complex128 if self is float64 else complex64

    def to_real(self) -> dtype:
        """The real dtype of the same width."""
        return {complex64: float32, complex128: float64}.get(self, self)


class _Halved(dtype):
    """Half precision: whoever asks for the dtype of its arrays begins to use it (widening.py). Of bfloat16 they are words (bfloat16.py)."""

    __slots__ = ("_words",)

    def __init__(self, name: str, words: NumpyDType) -> None:
        self.name = name
        self._words = words
        self.itemsize = words.itemsize
        self.is_floating_point = True
        self.is_complex = False
        self.category = 2

    @property
    def numpy(self) -> NumpyDType:  # type: ignore[override]
        """The dtype of the arrays."""
        while _at_first_use:
            _at_first_use.pop()()
        return self._words


_at_first_use: list[Callable[[], None]] = []


def at_first_use(begin: Callable[[], None]) -> None:
    """Let `begin` be called when the first tensor of half precision comes up: until then nothing is paid for it."""
    _at_first_use.append(begin)


bfloat16 = _Halved("bfloat16", WORD)
uint8 = dtype("uint8", np.uint8)
dtype.__name__ = _Halved.__name__ = "torch.dtype"

uint16 = dtype("uint16", np.uint16)
uint32 = dtype("uint32", np.uint32)
uint64 = dtype("uint64", np.uint64)
int8 = dtype("int8", np.int8)
int16 = short = dtype("int16", np.int16)
int32 = int_ = dtype("int32", np.int32)
int64 = long = dtype("int64", np.int64)
float16 = half = _Halved("float16", np.dtype(np.float16))
float32 = float_ = dtype("float32", np.float32)
float64 = double = dtype("float64", np.float64)
complex64 = cfloat = dtype("complex64", np.complex64)
complex128 = cdouble = dtype("complex128", np.complex128)
bool_ = dtype("bool", np.bool_)

C_NAMES = {
    "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double", "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
    "uint16": "uint16_t", "uint32": "uint32_t", "uint64": "uint64_t", "uint8": "unsigned char", "int8": "signed char", "int16": "short int", "int32": "int", "int64": "long int",
}  # fmt: skip
SCALAR_NAMES = {
    "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long", "float16": "Half", "bfloat16": "BFloat16",
    "float32": "Float", "float64": "Double", "complex64": "ComplexFloat", "complex128": "ComplexDouble", "bool": "Bool",
}  # fmt: skip
# The order in which PyTorch promotes within and across categories.
_ORDER = [bool_, uint8, int8, int16, int32, int64, uint16, uint32, uint64, float16, bfloat16, float32, float64, complex64, complex128]
BY_NUMPY: dict[NumpyDType, dtype] = {d.numpy: d for d in _ORDER}
_ALONE = (uint16, uint32, uint64)
PUBLIC = {
    "uint16": uint16, "uint32": uint32, "uint64": uint64,
    "uint8": uint8, "int8": int8, "int16": int16, "short": int16, "int32": int32, "int": int32, "int64": int64, "long": int64,
    "bfloat16": bfloat16, "float16": float16, "half": float16, "float32": float32, "float": float32, "float64": float64, "double": float64,
    "complex64": complex64, "cfloat": complex64, "complex128": complex128, "cdouble": complex128, "bool": bool_,
}  # fmt: skip

_default = float32


def dtype_named(name: str) -> dtype:
    """The dtype with that name ("float32")."""
    return PUBLIC[name]


_OF_PYTHON: dict[Any, dtype] = {float: float64, int: int64, bool: bool_, complex: complex128}


def of_type(kind: Any) -> dtype | None:
    """The dtype that a type of Python stands for, None for others."""
    return _OF_PYTHON.get(kind)


def get_default_dtype() -> dtype:
    """The dtype of Python floats."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Change the dtype of Python floats; PyTorch's error for others than floating ones."""
    global _default
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def promote(a: dtype, b: dtype) -> dtype:
    """The common dtype of two tensors of the same priority (torch.promote_types)."""
    if a is b:
        return a
    if a.category == b.category == 1 and (a in _ALONE or b in _ALONE):
        raise RuntimeError(
            f"Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {a.scalar_name} and {b.scalar_name}"
        )
    low, high = sorted((a, b), key=_ORDER.index)
    if low is uint8 and high is int8:
        return int16
    if high is bfloat16 and low is float16:
        return float32
    if high is complex64 and low is float64:
        return complex128
    return high


def of_number(value: complex | bool) -> dtype:
    """The dtype that a Python number stands for."""
    if isinstance(value, (bool, np.bool_)):
        return bool_
    if isinstance(value, (int, np.integer)):
        return int64
    if isinstance(value, (float, np.floating)):
        return _default
    return complex64 if _default is not float64 else complex128


def result_type(operands: tuple[Any, ...]) -> dtype:
    """torch.result_type: arrays with dimensions count first, then 0-d arrays, then Python numbers, by category.

    Args:
        operands: ndarrays and Python numbers; None is passed over.
    """
    best: list[dtype | None] = [None, None, None]
    for x in operands:
        if x is None:
            continue
        if isinstance(x, np.ndarray):
            level, d = (0 if x.ndim else 1), BY_NUMPY[x.dtype]
        else:
            level, d = 2, of_number(x)
        have = best[level]
        best[level] = d if have is None else promote(have, d)
    result: dtype | None = None
    for d in filter(None, best):
        if result is None:
            result = d
        elif d.category > result.category:
            result = d if d.category < 3 or result.category < 2 else result.to_complex()  # a complex scalar takes the width of floats
    return result or _default
