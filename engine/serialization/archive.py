"""torch.save and torch.load in a format that is data only: a zip of one JSON tree and plain numpy arrays.

Nothing in such a file can run. Modules and plain objects of the script's classes are stored as the name of the class and the tree of
their attributes; `load` makes them, without calling anything of the class, where the script says `weights_only=False`. Other objects are
named in the file, not stored. Else both are refused with the words of PyTorch's `weights_only`. Files that PyTorch wrote are read by
pickled.py, under the same rule.
"""

from __future__ import annotations

import io
import json
import math
import os
import pickle
import struct
import warnings
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from pickle import UnpicklingError  # the class of PyTorch's error, nothing is unpickled
from typing import Any

import numpy as np

from .. import dtypes
from ..creation.factories import leaf
from ..errors import class_name
from ..tensor import Size, Tensor, device
from . import objects
from . import pickled as checkpoint

Array = np.ndarray[Any, Any]

FORMAT = "gradviz tensors 1"
_TREE = "tree.json"
_LARGEST_TREE = 1 << 28  # bytes
_PLAIN = (bool, int, float, str, type(None))
_CONTAINERS: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "Size": Size}
_MAPPINGS: dict[str, type] = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}

_REFUSED = (
    "Weights only load failed. This file can still be loaded, to do so you have two options, \033[1mdo those steps only if you trust the "
    "source of the checkpoint\033[0m. \n"
    "\t(1) In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` from `False` to `True`. Re-running "
    "`torch.load` with `weights_only` set to `False` will likely succeed, but it can result in arbitrary code execution. Do it only if you "
    "got the file from a trusted source.\n"
    "\t(2) Alternatively, to load with `weights_only=True` please check the recommended steps in the following error message.\n"
    "\tWeightsUnpickler error: Unsupported global: GLOBAL {0} was not an allowed global by default. Please use "
    "`torch.serialization.add_safe_globals([{0}])` or the `torch.serialization.safe_globals([{0}])` context manager to allowlist this "
    "global if you trust this class/function.\n\n"
    "Check the documentation of torch.load to learn more about types accepted by default with weights_only "
    "https://pytorch.org/docs/stable/generated/torch.load.html."
)


_NO_CUDA = (
    "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running on a CPU-only machine, "
    "please use torch.load with map_location=torch.device('cpu') to map your storages to the CPU."
)


def save(obj: Any, f: Any, pickle_module: Any = None, pickle_protocol: int = 2, **_: Any) -> None:
    """Write tensors and plain containers to a path or a binary file."""
    writer = _Writer(obj)
    for name in writer.only_named:
        warnings.warn(
            f"torch.save in gradviz keeps tensors, numbers, texts and containers of them; an object of {name} is only named in the file "
            "and cannot be loaded. Save its state_dict() instead.",
            UserWarning,
            stacklevel=2,
        )
    if isinstance(f, (str, os.PathLike)):
        folder = Path(f).parent
        if not folder.is_dir():
            raise RuntimeError(f"Parent directory {folder} does not exist.")
        writer.write(Path(f))
    elif hasattr(f, "write"):
        writer.write(f)
    else:
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")


class _Writer:
    """Turns an object into a tree of JSON values and a list of arrays."""

    def __init__(self, obj: Any) -> None:
        self.arrays: list[Array] = []
        self.only_named: list[str] = []
        self._roots: dict[int, list[Tensor]] = {}
        self._stored: dict[int, int] = {}  # id of a root -> its array
        self._kept: list[Array] = []  # so that no id is used twice
        self._places: dict[int, int] = {}  # id of a tensor or an object -> which of them it is: it may stand at several places
        self._find_shared(obj)
        self.tree = self._encoded(obj)

    def _find_shared(self, obj: Any) -> None:
        """Which tensors lie in the same memory: they do so again after loading."""
        waiting = [obj]
        seen: set[int] = set()
        while waiting:
            item = waiting.pop()
            if isinstance(item, Tensor):
                if id(item) in seen:
                    continue
                seen.add(id(item))
                root = _root(item._data)
                self._kept.append(root)
                self._roots.setdefault(id(root), []).append(item)
            elif isinstance(item, dict):
                waiting += [*item.keys(), *item.values()]
            elif isinstance(item, (list, tuple, set)):
                waiting += item
            elif id(item) not in seen and objects.is_storable(item):
                seen.add(id(item))
                waiting.append(vars(item))

    def _array(self, array: Array) -> int:
        self.arrays.append(array)
        return len(self.arrays) - 1

    def _encoded(self, obj: Any) -> Any:
        """A JSON value: plain ones as they are, all others as [kind, ...]."""
        kind = type(obj)
        if kind in _PLAIN:
            return obj
        if isinstance(obj, Tensor) or objects.is_storable(obj):
            if id(obj) in self._places:
                return ["again", self._places[id(obj)]]
            self._places[id(obj)] = len(self._places)
            return self._tensor(obj) if isinstance(obj, Tensor) else ["object", objects.name_of(obj), self._encoded(vars(obj))]
        for name, known in _CONTAINERS.items():
            if kind is known:
                return [name, [self._encoded(item) for item in obj]]
        for name, known in _MAPPINGS.items():
            if kind is known:
                return [name, [[self._encoded(k), self._encoded(v)] for k, v in obj.items()]]
        if isinstance(obj, dtypes.dtype):
            return ["dtype", obj.name]
        if isinstance(obj, device):
            return ["device", str(obj)]
        if kind is complex:
            return ["complex", obj.real, obj.imag]
        if kind is bytes:
            return ["bytes", obj.hex()]
        if isinstance(obj, np.ndarray) and obj.dtype.kind in "biufc":
            return ["ndarray", self._array(obj)]
        if isinstance(obj, np.generic) and obj.dtype.kind in "biufc":
            return ["numpy number", self._array(np.asarray(obj))]
        return self._named(obj)

    def _named(self, obj: Any) -> Any:
        function = objects.function_name(obj)
        if function is not None:
            return ["function", *function]
        pickle.dumps(obj, 2)  # what pickle refuses (a lambda, an open file) PyTorch cannot save, and says so in pickle's words
        described = obj if isinstance(obj, type) or (callable(obj) and hasattr(obj, "__qualname__")) else type(obj)
        name = f"{described.__module__}.{described.__qualname__}"
        self.only_named.append(name)
        return ["global", name]

    def _tensor(self, t: Tensor) -> Any:
        flags = {"requires_grad": t._requires_grad, "parameter": type(t).__name__ == "Parameter"}
        root = _root(t._data)
        if len(self._roots[id(root)]) == 1 or root.dtype != t._data.dtype or not root.flags.c_contiguous:
            return ["tensor", self._array(t._data), 0, list(t._data.shape), None, flags]
        if id(root) not in self._stored:
            self._stored[id(root)] = self._array(root.reshape(-1))
        size = root.itemsize
        offset = (t._data.__array_interface__["data"][0] - root.__array_interface__["data"][0]) // size
        return ["tensor", self._stored[id(root)], offset, list(t._data.shape), [s // size for s in t._data.strides], flags]

    def write(self, target: Any) -> None:
        """Write the zip; arrays uncompressed, so that the sizes in its directory are the sizes in memory."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_TREE, json.dumps({"format": FORMAT, "tree": self.tree}))
            for k, array in enumerate(self.arrays):
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
                archive.writestr(f"arrays/{k}.npy", buffer.getvalue())


def _root(array: Array) -> Array:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def load(
    f: Any, map_location: Any = None, pickle_module: Any = None, *, weights_only: bool | None = None, mmap: Any = None, **_: Any
) -> Any:
    """Read what `save` wrote; nothing in the file is run, whatever it holds."""
    _check_place(map_location)
    if not isinstance(f, (str, os.PathLike)):
        if not hasattr(f, "seek"):
            raise AttributeError(
                f"{class_name(f)!r} object has no attribute 'seek'. You can only torch.load from a file that is seekable. Please "
                "pre-load the data into a buffer like io.BytesIO and try to load from it instead."
            )
        if not f.read(1):
            raise EOFError
        f.seek(-1, os.SEEK_CUR)
    elif os.path.isfile(f) and not os.path.getsize(f):
        raise EOFError
    try:
        with zipfile.ZipFile(f) as archive:
            program = checkpoint.program_of(archive)
            if program is not None:
                return checkpoint.read(archive, program)
            return _Reader(archive, weights_only is not False).read()
    except checkpoint.RefusedError as refused:
        raise UnpicklingError(_REFUSED.format(refused)) from None
    except objects.UnknownClassError as missing:
        raise AttributeError(str(missing)) from None
    except (
        struct.error,
        AttributeError,
        UnicodeError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        RecursionError,
    ) as problem:
        raise RuntimeError(
            "this is no file of torch.save, or it is damaged. Files that PyTorch wrote before 1.6 are not read: load and save them again "
            "in a newer PyTorch."
        ) from problem


def _check_place(where: Any) -> None:
    """PyTorch's errors for a `map_location` that is not here; the places of a table are those to go to."""
    if isinstance(where, dict):
        for place in where.values():
            _check_place(place)
        return
    if where is None or callable(where):
        return
    if not isinstance(where, (str, device)):
        raise TypeError(f"{type(where).__name__!r} object is not callable")
    name = str(where)
    if name.startswith("cuda"):
        raise RuntimeError(_NO_CUDA)
    if name == "mps":
        raise RuntimeError("torch.UntypedStorage(): Storage device not recognized: mps")
    if name != "cpu":
        raise RuntimeError(f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {name})")


class _Reader:
    """Turns the tree of a file back into objects."""

    def __init__(self, archive: zipfile.ZipFile, weights_only: bool) -> None:
        self.archive = archive
        self.weights_only = weights_only
        self._arrays: dict[int, Array] = {}
        self._met: list[Any] = []  # tensors and objects, in the order in which they stand in the tree

    def read(self) -> Any:
        """The object."""
        if self.archive.getinfo(_TREE).file_size > _LARGEST_TREE:
            raise ValueError("the tree is too large")
        document = json.loads(self.archive.read(_TREE))
        if document["format"] != FORMAT:
            raise ValueError(f"unknown format {document['format']!r}")
        return self._decoded(document["tree"])

    def _array(self, number: int) -> Array:
        """An array of the file; its header must fit its size before memory is taken."""
        if number not in self._arrays:
            info = self.archive.getinfo(f"arrays/{int(number)}.npy")
            if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
                raise ValueError("arrays are stored uncompressed")
            self._arrays[number] = _parsed(self.archive.read(info))
        return self._arrays[number]

    def _decoded(self, node: Any) -> Any:
        if not isinstance(node, list):
            if type(node) not in _PLAIN:
                raise ValueError("unknown value")
            return node
        kind, *rest = node
        if kind in _CONTAINERS:
            return _CONTAINERS[kind](self._decoded(item) for item in rest[0])
        if kind in _MAPPINGS:
            pairs = [(self._decoded(k), self._decoded(v)) for k, v in rest[0]]
            return Counter(dict(pairs)) if kind == "Counter" else _MAPPINGS[kind](pairs)
        if kind == "tensor":
            self._met.append(None)
            place = len(self._met) - 1
            self._met[place] = self._tensor(*rest)
            return self._met[place]
        if kind == "function":
            if self.weights_only and not objects.is_safe(".".join(rest)):
                raise UnpicklingError(_REFUSED.format(".".join(rest)))
            return objects.function(*rest)
        if kind == "again":
            return self._met[rest[0]]
        if kind == "object":
            name, state = str(rest[0]), rest[1]
            if self.weights_only and not objects.is_safe(name):
                raise UnpicklingError(_REFUSED.format(name))
            made = objects.empty(name)
            self._met.append(made)
            vars(made).update(self._decoded(state))
            return made
        if kind == "dtype":
            return dtypes.PUBLIC[rest[0]]
        if kind == "device":
            return device(rest[0])
        if kind == "complex":
            return complex(*rest)
        if kind == "bytes":
            return bytes.fromhex(rest[0])
        if kind in ("ndarray", "numpy number"):
            if self.weights_only:
                raise UnpicklingError(_REFUSED.format(f"numpy._core.multiarray.{'_reconstruct' if kind == 'ndarray' else 'scalar'}"))
            array = self._array(rest[0])
            return array if kind == "ndarray" else array[()]
        if kind == "global":
            name = str(rest[0])
            if self.weights_only:
                raise UnpicklingError(_REFUSED.format(name))
            raise UnpicklingError(f"the file only names an object of {name}: gradviz stores tensors and plain containers, no objects")
        raise ValueError(f"unknown kind {kind!r}")

    def _tensor(self, number: int, offset: int, shape: list[int], strides: list[int] | None, flags: dict[str, Any]) -> Tensor:
        stored = self._array(number)
        if stored.dtype not in dtypes.BY_NUMPY:
            raise ValueError(f"no tensor holds {stored.dtype}")
        if stored.dtype.kind == "V":
            stored = stored.view(dtypes.bfloat16.numpy)
        data = stored if strides is None else _window(stored, offset, shape, strides)
        if list(data.shape) != shape:
            raise ValueError("shape and array differ")
        if flags.get("parameter"):
            from ..nn.parameter import Parameter

            return Parameter(Tensor._of(data), bool(flags["requires_grad"]))
        return leaf(data, bool(flags.get("requires_grad")))


def _parsed(raw: bytes) -> Array:
    """An array of the bytes of a .npy file; the header must promise just what follows it."""
    stream = io.BytesIO(raw)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("another version of .npy")
    shape, column_order, kind = np.lib.format.read_array_header_1_0(stream)
    if kind.hasobject or column_order or math.prod(shape) * kind.itemsize != len(raw) - stream.tell():
        raise ValueError("the header and the array differ")
    return np.frombuffer(raw, kind, offset=stream.tell()).reshape(shape).copy()


def _window(flat: Array, offset: int, shape: list[int], strides: list[int]) -> Array:
    """A view of a flat array, checked to lie inside it."""
    numbers = [offset, *shape, *strides]
    if flat.ndim != 1 or len(shape) != len(strides) or not all(type(n) is int and n >= 0 for n in numbers):
        raise ValueError("a window needs whole numbers")
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if 0 not in shape and last >= flat.size:
        raise ValueError("a window beyond its array")
    view = flat[min(offset, flat.size) :]
    return np.lib.stride_tricks.as_strided(view, shape, [s * flat.itemsize for s in strides])


__all__ = ["load", "save"]
