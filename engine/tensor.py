"""Tensor: data, its place in the graph, and its gradient.

The class holds what a tensor is; what can be done with one is in `ops/` and arrives through
`namespace.export`, so that each op stands in one place.
"""

from __future__ import annotations

import copy
import math
import re
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from . import dtypes, errors, events, modes
from .graph import requests as _requests
from .graph.node import RemovableHandle, accumulator, pass_by_views
from .half.bfloat16 import readable
from .memory.places import origin
from .memory.storage import OwnStorage, Storage
from .op import tensor_class
from .printing import tensor_text

if TYPE_CHECKING:
    from .graph.node import Node

Array = np.ndarray[Any, Any]

# PyTorch computes through division by zero and overflow without a word.
np.seterr(all="ignore")


class Size(tuple[int, ...], metaclass=dtypes.Spoken):
    """A shape; prints as torch.Size([2, 3])."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """The number of elements."""
        return math.prod(self)

    def __getitem__(self, index: Any) -> Any:
        got = super().__getitem__(index)
        return Size(got) if isinstance(index, slice) else got

    def __add__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            raise TypeError(f"can only concatenate tuple (not {errors.class_name(other)}) to torch.Size")
        return Size(super().__add__(other))

    def __radd__(self, other: Any) -> Size:
        return Size((*other, *self)) if isinstance(other, tuple) else NotImplemented  # `a_list += shape` comes here first

    def __mul__(self, times: Any) -> Size:
        return Size(super().__mul__(times))

    __rmul__ = __mul__


class device(metaclass=dtypes.Spoken):  # noqa: N801 - PyTorch's name
    """Where a tensor lives: always the CPU; other devices raise as PyTorch without CUDA does, also as the one that a block's tensors live on."""

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, int) and not isinstance(type, bool):
            raise RuntimeError("Cannot access accelerator device when none is available.")
        name = type.type if isinstance(type, device) else str(type)
        if not isinstance(type, (device, str, int)):
            raise errors.no_device(type)
        if index is not None and not isinstance(index, int):
            raise TypeError(f"device(): argument 'index' (position 2) must be int, not {errors.class_name(index)}")
        if not name:
            raise RuntimeError("Device string must not be empty")
        if index is not None and index < 0:
            raise RuntimeError("Device index must not be negative")
        if index is not None and ":" in name:
            raise RuntimeError(f"type (string) must not include an index because index was passed explicitly: {name}")
        if re.fullmatch(r"[a-zA-Z_]+(:\d+)?", name) is None:
            raise RuntimeError(f"Invalid device string: '{name}'")
        name, _, number = name.partition(":")
        if name not in {"cpu", "cuda", "mps", "meta", "xpu"}:
            raise RuntimeError(
                "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, "
                f"hpu, mtia, privateuseone device type at start of device string: {name}"
            )
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return f"device(type='{self.type}')" if self.index is None else f"device(type='{self.type}', index={self.index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __enter__(self) -> device:
        errors.need_device(self.type)
        return self

    def __exit__(self, *_: object) -> None:
        pass


# Python's own errors tell the whole names of classes that are written in C: "'torch.Size' object is not callable"
Size.__name__, device.__name__ = "torch.Size", "torch.device"
device.__init__.__qualname__ = "device"  # PyTorch's is written in C, whose errors have no __init__
CPU = device("cpu")

_ITEM_IN_VMAP = (
    "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, please try to rewrite "
    "what you're doing with other operations. If error is occurring somewhere inside PyTorch internals, please file a bug report."
)
_BRANCH_IN_VMAP = (
    "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support that yet, please file an "
    "issue at https://github.com/pytorch/pytorch/issues ."
)

_SCALAR_OF_GRAD = (
    "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using tensor.detach() first. "
    "(Triggered internally at /__w/pytorch/pytorch/torch/csrc/autograd/generated/python_variable_methods.cpp:822.)"
)


def _unpickled(kind: Any, array: Array, requires_grad: bool, own: dict[str, Any]) -> Tensor:
    """A tensor from its pickle: numbers without history, as in PyTorch."""
    if isinstance(kind, str):  # a class of PyTorch's own name
        from .nn import parameter

        kind = getattr(parameter, kind, Tensor)
    array = array.view(dtypes.bfloat16.numpy) if array.dtype.kind == "V" else array
    made: Tensor = Tensor._of(array) if kind is Tensor else kind(Tensor._of(array))
    made._requires_grad = requires_grad
    for name, value in own.items():
        setattr(made, name, value)
    return made


@tensor_class
class Tensor:
    """A multi-dimensional array that autograd knows (torch.Tensor).

    Attributes:
        data: the same numbers without history; assigning replaces them behind autograd's back.
        grad: the accumulated gradient of a leaf, None before the first backward.
        grad_fn: the Node that made it, None for a leaf.
    """

    # Defaults stand on the class: an instance stores only what differs, which keeps making one cheap.
    _grad: Tensor | None = None
    _node: Node | None = None
    _output_nr = 0
    _requires_grad = False
    _mark: Any = None
    _places: Any = None  # of the numbers of a sparse tensor (sparse/tensors.py)
    _storage: Any = OwnStorage()
    _base: Tensor | None = None
    _origin: Array | None = None  # where its storage lies, if it is no view and not the whole of it
    _accumulator: Any = None
    _inference = False
    _retains = False
    _made_in_no_grad = False
    _asked = _passed = False  # a view of which requires_grad_() was asked; one that was there before its base was asked
    _made_in_inference = False  # with it: the block was one of inference mode
    _outdated = False  # memory/views.py, Outdated
    _multi_view = False  # one of several views that one call returned
    _made_in = ""  # the custom Function that returned this view
    _post_accumulate_hooks: dict[int, Callable[..., Any]] | None = None
    __array_priority__ = 1000

    def __new__(cls, *given: Any, **named: Any) -> Self:
        """What a script means by torch.Tensor(...) or by a class of its own; without an __init__, as in PyTorch."""
        from .creation.constructor import begin

        made = object.__new__(cls)
        begin(made, given, named)
        return made

    def _hold(self, array: Array) -> None:
        self._data = array if array.__class__ is np.ndarray else np.asarray(array)
        if modes.inference:
            self._inference = True

    @staticmethod
    def _of(array: Array) -> Tensor:
        """A tensor over this very array: how the engine makes one."""
        made: Tensor = object.__new__(Tensor)
        made._hold(array)
        return made

    # -- what it is -----------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The sizes, as torch.Size."""
        return Size(self._data.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        """The element type, such as torch.float32."""
        return dtypes.BY_NUMPY[self._data.dtype]

    @property
    def device(self) -> device:
        """Always the CPU."""
        return CPU

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._data.ndim

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self._data.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._data.nbytes

    @property
    def grad_fn(self) -> Node | None:
        """The node of the backward graph that made it; None for a leaf."""
        return self._node

    @property
    def is_leaf(self) -> bool:
        """Whether it stands at the start of the graph: made by the user, or needing no gradient."""
        return self._node is None

    @property
    def output_nr(self) -> int:
        """Which output of its grad_fn it is."""
        return self._output_nr

    @property
    def _version(self) -> int:
        if self._inference:
            raise RuntimeError("Inference tensors do not track version counter.")
        version: int = self._storage.version
        return version

    @property
    def requires_grad(self) -> bool:
        """Whether autograd follows it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise RuntimeError("requires_grad must be a bool")
        if self._node is not None:
            told = (
                " If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
            raise RuntimeError("you can only change requires_grad flags of leaf variables." + ("" if value else told))
        if value and self._data.dtype.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        self._set_requires_grad(bool(value))

    @requires_grad.deleter
    def requires_grad(self) -> None:
        raise RuntimeError("requires_grad must be a bool")

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set the flag, and return the tensor itself."""
        if not isinstance(requires_grad, (bool, np.bool_)):
            raise TypeError(f"requires_grad_(): argument 'requires_grad' (position 1) must be bool, not {errors.class_name(requires_grad)}")
        if requires_grad and self._data.dtype.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        if self._node is not None:
            if not requires_grad:
                self.requires_grad = False
            return self
        self._set_requires_grad(bool(requires_grad))
        return self

    def _set_requires_grad(self, value: bool) -> None:
        if value and self._inference and not modes.inference:
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        changed = value != self._requires_grad
        self._requires_grad = value
        if value and (self._made_in_no_grad or self._passed) and not self._asked:
            self._asked, self._accumulator = True, None
        if self._storage.views and self._base is None:
            pass_by_views(self, value)
        if changed and events.watcher is not None:
            events.watcher.set_requires_grad(self, value)

    @property
    def data(self) -> Tensor:
        """The same storage without history, with a version counter of its own."""
        made: Tensor = Tensor._of(self._data)
        if self._base is not None or self._origin is not None:
            made._origin = origin(self)
        if events.watcher is not None:
            events.watcher.detach(self, made)
        return made

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {errors.class_name(value)}")
        if self._requires_grad and value._data.dtype.kind not in "fcV":
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        if events.watcher is not None:
            events.watcher.before_write(self)
        version = self._storage.version  # the counter stays the tensor's own
        self._origin = origin(value)
        self._data = value._data
        self._storage = Storage()
        self._storage.version = version
        if events.watcher is not None:
            events.watcher.inplace_write(None, self, (value,), "data")

    @property
    def grad(self) -> Tensor | None:
        """What backward passes have added up; None before the first, and after zero_grad(set_to_none=True)."""
        if self._grad is None and self._node is not None and not self._retains:
            import warnings

            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated "
                "during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use "
                ".retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf "
                "Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information. (Triggered internally at "
                "/__w/pytorch/pytorch/build/aten/src/ATen/core/TensorBody.h:493.)",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            self._check_grad(value)
        before = self._grad
        self._grad = value
        watcher = events.watcher
        if watcher is None or value is before:
            return
        if value is not None:
            watcher.assign_grad(self, value)
        elif before is not None:
            watcher.zero_grad(self, True)

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    def _check_grad(self, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {errors.class_name(value)}")
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        if value._data.dtype is not self._data.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{value.dtype.c_name}' to a tensor with grad_dtype "
                f"'{self.dtype.scalar_name}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set "
                "the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging "
                "the dtypes of a tensor and its gradient may break downstream systems that assume they match."
            )
        if value._data.shape != self._data.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{errors.sizes(value._data.shape)}' to a tensor of size "
                f"'{errors.sizes(self._data.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )

    # -- the graph --------------------------------------------------------------------------------------

    def backward(
        self, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
    ) -> None:
        """Add the gradients of this tensor to the `.grad` of the leaves it was made from."""
        _requests.backward(self, gradient, retain_graph, create_graph, inputs)

    def detach(self) -> Tensor:
        """The same storage without history."""
        made: Tensor = Tensor._of(self._data)
        made._storage = self._storage
        if self._base is not None or self._origin is not None:
            made._origin = origin(self)
        if modes.inference:
            made._inference = self._inference
        if events.watcher is not None:
            events.watcher.detach(self, made)
        return made

    def retain_grad(self) -> None:
        """Let a tensor that is no leaf keep its gradient in `.grad`."""
        if not self._requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self._node is None or self._retains:
            return
        self._retains = True
        self._node.attach().retains[self._output_nr] = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether retain_grad was called on a tensor that is no leaf."""
        return self._retains

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(grad)` with the complete gradient of this tensor; what it returns goes on instead."""
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._node is not None:
            node: Node = self._node
        else:
            node = accumulator(self)
        return RemovableHandle(node.attach().tensor_hooks.setdefault(self._output_nr, {}), hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(leaf)` after `.grad` was written."""
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._node is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if self._post_accumulate_hooks is None:
            self._post_accumulate_hooks = {}
        return RemovableHandle(self._post_accumulate_hooks, hook)

    # -- Python's side ------------------------------------------------------------------------------------

    def item(self) -> Any:
        """The one element as a Python number."""
        if modes.mapped:
            raise RuntimeError(_ITEM_IN_VMAP)
        if self._data.size != 1:
            raise RuntimeError(f"a Tensor with {self._data.size} elements cannot be converted to Scalar")
        return readable(self._data).item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return readable(self._data).tolist()

    def numpy(self, *, force: bool = False) -> Array:
        """The data as an ndarray that shares the memory."""
        if self._requires_grad and modes.grad and not force:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self._data.dtype.kind == "V":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self._data.view()  # each call gives an array of its own, as in PyTorch

    def __array__(self, dtype: Any = None) -> Array:  # as in PyTorch no `copy`, of which numpy warns
        data = self.numpy()
        return data if dtype is None else data.astype(dtype, copy=False)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Tensor:
        """What numpy makes of a tensor and an array is a tensor, as in PyTorch."""
        return Tensor._of(np.asarray(array, np.uint8) if array.dtype.kind == "b" else np.asarray(array))

    def __delitem__(self, key: Any) -> None:
        raise TypeError("Tensor does not support deleting items")

    def __contains__(self, element: Any) -> bool:
        if not isinstance(element, (Tensor, int, float, complex, np.number, np.bool_)):
            raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}.")
        return bool((readable(self._data) == (readable(element._data) if isinstance(element, Tensor) else element)).any())

    def __reversed__(self) -> Tensor:
        return self.flip(0) if self._data.ndim else self  # type: ignore[attr-defined]

    def __len__(self) -> int:
        if self._data.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self._data.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if self._data.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))  # type: ignore[attr-defined]

    def __bool__(self) -> bool:
        if modes.mapped:
            raise RuntimeError(_BRANCH_IN_VMAP)
        if self._data.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        if self._data.size > 1:
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(readable(self._data).item())

    def _scalar(self) -> Any:
        """The one element, for Python's own conversions."""
        if self._data.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return readable(self._data).item()

    def __float__(self) -> float:
        if self._requires_grad and modes.grad:
            modes.warn_once(_SCALAR_OF_GRAD)
        if self._data.dtype.kind == "c":
            raise errors.no_real_number(dtypes.float64)
        return float(self._scalar())

    def __int__(self) -> int:
        if self._data.dtype.kind == "c":
            raise errors.no_real_number(dtypes.int64)
        return int(self._scalar())

    def __complex__(self) -> complex:
        if self._requires_grad and modes.grad:
            modes.warn_once(_SCALAR_OF_GRAD)
        return complex(self._scalar())

    def __copy__(self) -> Tensor:
        made: Tensor = Tensor._of(self._data)
        made._storage = self._storage
        made._requires_grad = self._requires_grad
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self._node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were "
                "attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
                "https://github.com/pytorch/pytorch/pull/103001"
            )
        if id(self) in memo:
            return memo[id(self)]  # type: ignore[no-any-return]
        made: Tensor = Tensor._of(self._data.copy())
        made._requires_grad = self._requires_grad
        if self._grad is not None:
            made._grad = copy.deepcopy(self._grad, memo)
        memo[id(self)] = made
        for name, value in self.__dict__.items():
            if not name.startswith("_"):  # what the user wrote on it
                setattr(made, name, copy.deepcopy(value, memo))
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        own = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}  # what the user wrote on it
        kind = type(self)
        return _unpickled, (kind.__name__ if kind.__module__.startswith("torch") else kind, np.array(self._data), self._requires_grad, own)

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iub" or self._data.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._data.item())

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        tangent = modes.dual_levels[-1].tangent(self) if modes.dual_levels else None
        return self._text() if tangent is None else modes.dual_levels[-1].primal(self)._text(f"{tangent}")

    def _text(self, tangent: str | None = None) -> str:
        named = "Invalid" if self._outdated else type(self._node).__name__.rpartition("::")[2] if self._node is not None else None
        return tensor_text(
            readable(self._data),
            dtype_name=self.dtype.name,
            default_dtype_name=dtypes.get_default_dtype().name,
            requires_grad=self.requires_grad,
            grad_fn_name=named,
            tangent=tangent,
            kind="tensor" if self.__class__.__module__.split(".")[0] in ("torch", "engine") else self.__class__.__name__,
        )

    def __format__(self, spec: str) -> str:
        if self._data.ndim == 0 and self.__class__ is Tensor:
            return format(self.item(), spec)
        return object.__format__(self, spec)


def read_only(name: str, getter: Any) -> property:
    """An attribute of tensors that PyTorch computes: whoever writes to it or deletes it is told so."""

    def refuse(*_: Any) -> None:
        raise AttributeError(f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable")

    return property(getter, refuse, refuse)


for _name, _value in tuple(vars(Tensor).items()):
    if isinstance(_value, property) and _value.fset is None:
        setattr(Tensor, _name, read_only(_name, _value.fget))
