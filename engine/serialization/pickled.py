"""Reads tensors and containers out of files that PyTorch's torch.save wrote.

Such a file holds a program (a pickle). It is not given to Python's pickle: the machine below knows the few
instructions that tensors need, can build what its table lists, and can call nothing else; whatever a file asks for
beyond that is refused with PyTorch's words for `weights_only`. Layout: torch/serialization.py, torch/_utils.py.
"""

from __future__ import annotations

import struct
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..creation.factories import leaf
from ..tensor import Size, Tensor, device

Array = np.ndarray[Any, Any]

_LARGEST_PROGRAM = 1 << 28  # bytes
_STORAGES: dict[str, str] = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2",
    "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "?", "ComplexFloatStorage": "<c8", "ComplexDoubleStorage": "<c16",
    "BFloat16Storage": "<u2",
}  # fmt: skip


class RefusedError(Exception):
    """The file asks for something that is no tensor and no container; the argument is its name."""


class _Global:
    """A name that the table lists, as the program's stack holds it."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Storage:
    """The numbers of a storage."""

    def __init__(self, kind: str, raw: bytes, count: int) -> None:
        data = np.frombuffer(raw, np.dtype(_STORAGES[kind]), count)
        self.data: Array = data.copy()
        if kind == "BFloat16Storage":
            self.data = self.data.view(dtypes.bfloat16.numpy)
        self.tensor = Tensor._of(self.data)


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False, *_: Any) -> Tensor:
    """torch._utils._rebuild_tensor_v2, with the window checked to lie in its storage."""
    numbers = [offset, *size, *stride]
    if not isinstance(storage, _Storage) or len(size) != len(stride) or not all(type(n) is int and n >= 0 for n in numbers):
        raise ValueError("a tensor needs a storage and whole numbers")
    flat = storage.data
    last = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if 0 not in size and last >= flat.size:
        raise ValueError("a tensor beyond its storage")
    data = np.lib.stride_tricks.as_strided(flat[min(offset, flat.size) :], size, [s * flat.itemsize for s in stride])
    return leaf(data, bool(requires_grad))


def _parameter(data: Any, requires_grad: Any, *_: Any) -> Tensor:
    from ..nn.parameter import Parameter

    return Parameter(data, bool(requires_grad))


def _encoded(text: str, coding: str) -> bytes:
    """How protocol 2 spells bytes."""
    if coding != "latin1":
        raise ValueError("bytes are spelled in latin1")
    return text.encode("latin1")


_BUILDERS: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": OrderedDict,
    "collections.Counter": lambda counts=None: Counter(dict(counts or {})),
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch.Size": Size,
    "torch.device": lambda kind, index=None: device(str(kind), index),
    "_codecs.encode": _encoded,
    "builtins.set": set,
    "__builtin__.set": set,
    "builtins.complex": complex,
    "__builtin__.complex": complex,
}


class _Mark:
    """Where a group of items begins on the stack."""


class _Machine:
    """Runs the program of one file."""

    def __init__(self, program: bytes, storage: Callable[[str, str, int], _Storage]) -> None:
        self.program = program
        self.at = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self._storage = storage
        self._storages: dict[str, _Storage] = {}

    def run(self) -> Any:
        """The object that the program builds."""
        while True:
            code = self._take(1)
            if code == b".":
                return self._pop()
            step = _STEPS.get(code)
            if step is None:
                raise RefusedError(f"instruction {code!r}")
            step(self)

    def _take(self, count: int) -> bytes:
        part = self.program[self.at : self.at + count]
        if len(part) != count:
            raise ValueError("the program ends too early")
        self.at += count
        return part

    def number(self, form: str) -> Any:
        """A number that follows an instruction."""
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def text(self, length: int) -> str:
        """A text that follows an instruction."""
        return self._take(length).decode("utf-8", "surrogatepass")

    def line(self) -> str:
        """A text up to the end of its line."""
        end = self.program.index(b"\n", self.at)
        found = self.program[self.at : end].decode("utf-8")
        self.at = end + 1
        return found

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def _pop(self) -> Any:
        return self.stack.pop()

    def since_mark(self) -> list[Any]:
        """The items of a group, taken from the stack."""
        place = max(k for k, item in enumerate(self.stack) if isinstance(item, _Mark))
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def named(self, module: str, name: str) -> None:
        """A name: one of the table, a dtype, or the kind of a storage."""
        full = f"{module}.{name}"
        if module == "torch" and name in dtypes.PUBLIC:
            self.push(dtypes.PUBLIC[name])
        elif full in _BUILDERS or (module in ("torch", "torch.storage") and name in _STORAGES):
            self.push(_Global(full))
        else:
            raise RefusedError(full)

    def build(self) -> None:
        """Call a builder of the table."""
        arguments, function = self._pop(), self._pop()
        if not isinstance(function, _Global) or function.name not in _BUILDERS:
            raise RefusedError(getattr(function, "name", type(function).__name__))
        self.push(_BUILDERS[function.name](*arguments))

    def set_state(self) -> None:
        """Attributes of an OrderedDict (`_metadata` of a state_dict); nothing else has a state."""
        state = self._pop()
        if type(self.stack[-1]) is not OrderedDict or not isinstance(state, dict):
            raise RefusedError(f"state of {type(self.stack[-1]).__name__}")
        vars(self.stack[-1]).update({str(k): v for k, v in state.items()})

    def load_storage(self) -> None:
        """A storage, by its place in the file."""
        what, kind, key, _, count = self._pop()
        if what != "storage" or not isinstance(kind, _Global):
            raise ValueError("only storages are outside the program")
        if key not in self._storages:
            self._storages[key] = self._storage(kind.name.rpartition(".")[2], str(key), int(count))
        self.push(self._storages[key])

    def append(self, items: list[Any]) -> None:
        """Add items to the list or the set below."""
        if type(self.stack[-1]) is set:
            self.stack[-1].update(items)
        elif type(self.stack[-1]) is list:
            self.stack[-1].extend(items)
        else:
            raise ValueError("items for something that is no list")

    def set_items(self, items: list[Any]) -> None:
        """Add pairs to the dict below."""
        if not isinstance(self.stack[-1], dict):
            raise ValueError("pairs for something that is no dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            self.stack[-1][key] = value

    def tuple_of(self, count: int) -> None:
        """The last items as a tuple."""
        items = tuple(self.stack[-count:])
        del self.stack[-count:]
        self.push(items)


def _put(machine: _Machine, place: int) -> None:
    machine.memo[place] = machine.stack[-1]


def _stack_global(machine: _Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.named(str(module), str(name))


_STEPS: dict[bytes, Callable[[_Machine], Any]] = {
    b"\x80": lambda m: m.number("B"),
    b"\x95": lambda m: m.number("<Q"),
    b"c": lambda m: m.named(m.line(), m.line()),
    b"\x93": _stack_global,
    b"}": lambda m: m.push({}),
    b"]": lambda m: m.push([]),
    b")": lambda m: m.push(()),
    b"\x8f": lambda m: m.push(set()),
    b"(": lambda m: m.push(_Mark()),
    b"X": lambda m: m.push(m.text(m.number("<I"))),
    b"\x8c": lambda m: m.push(m.text(m.number("B"))),
    b"B": lambda m: m.push(m._take(m.number("<I"))),
    b"C": lambda m: m.push(m._take(m.number("B"))),
    b"q": lambda m: _put(m, m.number("B")),
    b"r": lambda m: _put(m, m.number("<I")),
    b"\x94": lambda m: _put(m, len(m.memo)),
    b"h": lambda m: m.push(m.memo[m.number("B")]),
    b"j": lambda m: m.push(m.memo[m.number("<I")]),
    b"J": lambda m: m.push(m.number("<i")),
    b"K": lambda m: m.push(m.number("B")),
    b"M": lambda m: m.push(m.number("<H")),
    b"\x8a": lambda m: m.push(int.from_bytes(m._take(m.number("B")), "little", signed=True)),
    b"G": lambda m: m.push(m.number(">d")),
    b"\x88": lambda m: m.push(True),
    b"\x89": lambda m: m.push(False),
    b"N": lambda m: m.push(None),
    b"t": lambda m: m.push(tuple(m.since_mark())),
    b"\x85": lambda m: m.tuple_of(1),
    b"\x86": lambda m: m.tuple_of(2),
    b"\x87": lambda m: m.tuple_of(3),
    b"a": lambda m: m.append([m._pop()]),
    b"e": lambda m: m.append(m.since_mark()),
    b"\x90": lambda m: m.append(m.since_mark()),
    b"s": lambda m: m.set_items(list(reversed([m._pop(), m._pop()]))),
    b"u": lambda m: m.set_items(m.since_mark()),
    b"Q": lambda m: m.load_storage(),
    b"R": lambda m: m.build(),
    b"\x81": lambda m: m.build(),
    b"b": lambda m: m.set_state(),
}


def program_of(archive: zipfile.ZipFile) -> str | None:
    """The name of the program in a file of PyTorch; None in other zips."""
    return next((n for n in archive.namelist() if n.endswith("/data.pkl") and n.count("/") == 1), None)


def read(archive: zipfile.ZipFile, program: str) -> Any:
    """The object in a file of PyTorch.

    Raises:
        RefusedError: the file holds something that is no tensor and no container.
        ValueError, KeyError, ...: the file is damaged.
    """
    folder = program.rpartition("/")[0]
    if archive.getinfo(program).file_size > _LARGEST_PROGRAM:
        raise ValueError("the program is too large")

    def storage(kind: str, key: str, count: int) -> _Storage:
        info = archive.getinfo(f"{folder}/data/{key}")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise ValueError("storages are stored uncompressed")
        return _Storage(kind, archive.read(info), count)

    return _Machine(archive.read(program), storage).run()
