"""Questions and switches of torch that concern the machine and the types, not the tensors."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import dtypes
from .errors import class_name, need_device
from .memory import formats
from .modes import warn_once
from .naming.namespace import export
from .tensor import CPU, Tensor, device

version = SimpleNamespace(__version__="2.13.0+cpu", cuda=None, hip=None, git_version="", debug=False)


class _Info:
    """Limits of a dtype, printed as PyTorch prints them."""

    _shown: tuple[str, ...] = ()

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype.name
        self.bits = dtype.itemsize * 8

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={getattr(self, k):g}' for k in self._shown)}, dtype={self.dtype})"


def _dtype_for(name: str, given: Any) -> dtypes.dtype:
    if not isinstance(given, dtypes.dtype):
        raise TypeError(f"{name}(): argument 'type' (position 1) must be torch.dtype, not {class_name(given)}")
    return given


@export("torch")
class finfo(_Info):  # noqa: N801 - PyTorch's name
    """Limits of a floating dtype."""

    _shown = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")

    def __init__(self, type: Any = None) -> None:
        chosen = dtypes.get_default_dtype() if type is None else _dtype_for("finfo", type)
        if not (chosen.is_floating_point or chosen.is_complex):
            # the name at the end is PyTorch's own slip
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'")
        super().__init__(chosen.to_real())
        if chosen is dtypes.bfloat16:
            self.eps, self.min, self.max = 2.0**-7, -(2.0**128) + 2.0**120, 2.0**128 - 2.0**120
            self.tiny = self.smallest_normal = 2.0**-126
            self.resolution = 0.01
            return
        limits = np.finfo(chosen.to_real().numpy)
        self.eps, self.min, self.max, self.tiny = (float(v) for v in (limits.eps, limits.min, limits.max, limits.tiny))
        self.smallest_normal = self.tiny
        self.resolution = 10.0**-limits.precision


@export("torch")
class iinfo(_Info):  # noqa: N801 - PyTorch's name
    """Limits of a whole dtype."""

    _shown = ("min", "max")

    def __init__(self, type: Any) -> None:
        if _dtype_for("iinfo", type) is dtypes.bool_:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if type.category != 1:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        super().__init__(type)
        limits = np.iinfo(type.numpy)
        self.min, self.max = int(limits.min), int(limits.max)


@export("torch")
def promote_types(type1: Any, type2: Any) -> Any:
    """The smallest dtype that holds both."""
    return dtypes.promote(type1, type2)


@export("torch")
def result_type(tensor1: Any, tensor2: Any) -> Any:
    """The dtype of an op on both."""
    return dtypes.result_type(tuple(t._data if isinstance(t, Tensor) else t for t in (tensor1, tensor2)))


@export("torch")
def can_cast(from_: Any, to: Any) -> bool:
    """Whether an op may write one dtype into the other."""
    return bool(from_.category <= to.category)


@export("torch")
def typename(obj: Any) -> str:
    """The name of a type, as error texts show it."""
    if isinstance(obj, Tensor):
        return f"torch.{obj.dtype.scalar_name}Tensor"
    kind = obj if hasattr(obj, "__qualname__") else type(obj)  # functions and generators, too, have a name of their own
    home = getattr(kind, "__module__", None)
    if home is None or home == "builtins":
        return str(kind.__qualname__)
    if home.startswith(f"{__package__}."):  # a function that PyTorch keeps elsewhere
        return f"torch.{'_VariableFunctionsClass' if home == f'{__package__}.naming.rows' else 'nn.functional'}.{kind.__qualname__}"
    return f"{home}.{kind.__qualname__}"


_switches: dict[str, Any] = {"deterministic": False, "precision": "highest", "threads": os.cpu_count() or 1}


@export("torch")
def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Every run is deterministic here."""
    _switches["deterministic"] = bool(mode)


@export("torch")
def are_deterministic_algorithms_enabled() -> bool:
    """What use_deterministic_algorithms was told."""
    return bool(_switches["deterministic"])


@export("torch")
def get_num_threads() -> int:
    """What set_num_threads was told, at first the number of processors; only plans (plan.py) compute in more than one."""
    return int(_switches["threads"])


@export("torch", "set_num_threads", "set_num_interop_threads")
def set_num_threads(number: int) -> None:
    """How many threads a plan may use for long arrays; all else computes in one."""
    if number <= 0:
        raise RuntimeError("set_num_threads expects a positive integer")
    _switches["threads"] = int(number)


_NO_PRECISION = (
    "is not one of 'highest', 'high', or 'medium'; the currentsetFloat32MatmulPrecision call has no effect. (Triggered internally at "
    "/__w/pytorch/pytorch/aten/src/ATen/Context.cpp:458.)"
)


@export("torch")
def set_float32_matmul_precision(precision: str) -> None:
    """Kept, and without effect: products are always in full precision."""
    if not isinstance(precision, str):
        raise RuntimeError(f"set_float32_matmul_precision expects a str, but got {class_name(precision)}")
    if precision in ("highest", "high", "medium"):
        _switches["precision"] = precision
    else:
        warn_once(f"{precision} {_NO_PRECISION}")


@export("torch")
def get_float32_matmul_precision() -> str:
    """What set_float32_matmul_precision was told."""
    return str(_switches["precision"])


@export("torch")
def get_default_device() -> device:
    """The CPU."""
    return CPU


@export("torch")
def set_default_device(where: Any) -> None:
    """The CPU is the only one; others raise as PyTorch without CUDA does."""
    need_device(device(where).type)


_MODES = ("default", "lite", "reduce-overhead", "max-autotune-no-cudagraphs", "max-autotune")
BACKENDS = ["cudagraphs", "inductor", "openxla", "tvm"]
_FOR_DEBUGGING = ("aot_eager", "aot_eager_decomp_partition", "eager", "eager_noexcept")


class InvalidBackend(RuntimeError):  # noqa: N818 - PyTorch's name
    """torch._dynamo.exc.InvalidBackend."""


InvalidBackend.__module__ = "torch._dynamo.exc"


def check_compile(mode: Any, options: Any, backend: Any) -> None:
    """PyTorch's errors for options of torch.compile."""
    if mode is not None and options is not None:
        raise RuntimeError("Either mode or options can be specified, but both can't be specified at the same time.")
    if mode is not None and backend == "inductor" and mode not in _MODES:
        raise RuntimeError(f"Unrecognized mode={mode}, should be one of: {', '.join(_MODES)}")
    if isinstance(backend, str) and backend not in (*BACKENDS, *_FOR_DEBUGGING):
        raise InvalidBackend(f"Invalid backend: {backend!r}, see `torch._dynamo.list_backends()` for available backends.")


def _passes(*arguments: Any, **options: Any) -> Any:
    """The function or module that was given; called with options alone, a decorator that does the same."""
    return arguments[0] if arguments else _passes


# torch.jit compiles nothing here: what it is given runs as it is
JIT: dict[str, Any] = {
    **dict.fromkeys(("export", "freeze", "ignore", "optimize_for_inference", "script", "trace", "unused"), _passes),
    "annotate": lambda kind, value: value, "is_scripting": lambda: False, "is_tracing": lambda: False,
}  # fmt: skip
# torch.distributed: it is there, and there is one process
NO_GROUP = "Default process group has not been initialized, please make sure to call init_process_group."


def _alone(*_: Any, **__: Any) -> Any:
    """What PyTorch says of processes that work together where there is one."""
    raise ValueError(NO_GROUP)


def _init_process_group(*_: Any, **__: Any) -> Any:
    raise ValueError("Error initializing torch.distributed using env:// rendezvous: environment variable RANK expected, but not set")


def _destroy_process_group(*_: Any) -> Any:
    raise AssertionError("Process group cannot be None")


DISTRIBUTED: dict[str, Any] = {
    "is_available": lambda: True, "is_initialized": lambda: False, "is_nccl_available": lambda: False,
    "init_process_group": _init_process_group, "destroy_process_group": _destroy_process_group,
    **dict.fromkeys(("get_rank", "get_world_size", "get_backend", "barrier", "all_reduce", "broadcast", "reduce", "all_gather"), _alone),
}  # fmt: skip


def _assert(condition: Any, message: str) -> None:
    """torch._assert."""
    if not condition:
        raise AssertionError(message)


def _no_accelerator(*_: Any, **__: Any) -> Any:
    raise RuntimeError("Cannot access accelerator device when none is available.")


def _nothing(*_: Any, **__: Any) -> None:
    """What there is nothing to do for."""


_NONE_THERE: dict[str, Callable[..., Any]] = {"is_available": lambda: False, "device_count": lambda: 0}
ACCELERATORS = {
    "accelerator": SimpleNamespace(
        **_NONE_THERE, current_accelerator=lambda check_available=False: None,
        **dict.fromkeys(("current_device_index", "current_stream", "empty_cache", "get_memory_info", "max_memory_allocated", "max_memory_reserved",
                         "memory_allocated", "memory_reserved", "memory_stats", "reset_accumulated_memory_stats", "reset_peak_memory_stats",
                         "set_device_index", "set_stream", "synchronize"), _no_accelerator),
    ),
    "mps": SimpleNamespace(**_NONE_THERE, manual_seed=_nothing, seed=_nothing),
    "xpu": SimpleNamespace(**_NONE_THERE, manual_seed=_nothing, manual_seed_all=_nothing, empty_cache=_nothing),
}  # fmt: skip

# the constructors of torch.* that take a device (torch.tensor asks by itself: its warning counts frames)
CREATORS = (
    "arange", "as_tensor", "asarray", "empty", "empty_like", "eye", "full", "full_like", "linspace", "logspace", "normal", "ones", "ones_like",
    "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm", "scalar_tensor", "tril_indices",
    "triu_indices", "zeros", "zeros_like", "range", "bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window",
)  # fmt: skip


def check_device(where: Any) -> None:
    """PyTorch's error for a device that is not there."""
    if where is None or where is CPU:
        return
    need_device(device(where).type)


_PLAIN = formats.CONSTANTS["strided"]
_NOT_PINNED = "pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator is available on this system."
_OF_DATA = frozenset(("as_tensor", "asarray"))  # they have neither layout nor pin_memory


def on_cpu(create: Callable[..., Any]) -> Callable[..., Any]:
    """A constructor that raises PyTorch's error where a script names a device that is not there."""

    @functools.wraps(create)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            where = kwargs.get("device")
            if where is not None and not isinstance(where, (str, int, device)):
                create(*args, **kwargs)  # the parser says it
            check_device(where)
            if create.__name__ not in _OF_DATA:
                if "layout" in kwargs and kwargs["layout"] in (None, _PLAIN):
                    del kwargs["layout"]
                if type(kwargs.get("pin_memory")) is bool and kwargs.pop("pin_memory"):
                    raise RuntimeError(_NOT_PINNED)
            wanted = kwargs.get("dtype")
            if wanted is not None and not isinstance(wanted, dtypes.dtype):
                named = dtypes.of_type(wanted) if isinstance(wanted, type) else None
                if named is None:
                    create(*args, **kwargs)  # the parser says it
                    raise TypeError(f"{create.__name__}(): argument 'dtype' must be torch.dtype, not {class_name(wanted)}")
                kwargs["dtype"] = named
        return create(*args, **kwargs)

    return wrapper
