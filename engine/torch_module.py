"""What `import torch` means in a script: a module with torch's names, made from the engine's tables."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

from . import amp, autograd, compiler, dtypes, environment, foreach, func, modes, nn, ops, optim, printing, random, serialization, sparse
from .calls import absent, removed
from .creation import factories, legacy, ranges, sampling
from .half import widening
from .memory import formats, untyped
from .naming import homes, namespace, overrides, paths
from .ops.reductions import statistics
from .tensor import Size, Tensor, device

VERSION = "2.13.0+cpu"
_SUBMODULES = (
    "nn", "nn.functional", "nn.grad", "nn.init", "nn.utils", "nn.utils.rnn", "nn.utils.parametrize", "nn.utils.parametrizations", "nn.parameter", "nn.modules", "optim", "optim.optimizer", "optim.lr_scheduler", "optim.swa_utils", "autograd", "autograd.functional", "autograd.forward_ad",
    "autograd.graph", "autograd.function", "autograd.grad_mode", "autograd.anomaly_mode", "func", "utils", "utils.benchmark", "utils.checkpoint", "utils.data", "utils.data.dataset", "utils.data.sampler", "utils.data.dataloader", "linalg", "special", "random", "testing", "distributions", "distributions.transforms", "distributions.constraints", "fft", "profiler", "signal", "signal.windows", "cuda", "cuda.amp", "cpu", "cpu.amp", "amp", "backends",
)  # fmt: skip


def _build() -> ModuleType:
    """A module object named torch with every public name."""
    torch = ModuleType("torch", "PyTorch's words on gradviz's engine.")
    torch.__path__ = []  # type: ignore[attr-defined]  # so that `import torch.nn` asks us
    for name, value in namespace.TORCH.items():
        setattr(torch, name, value)
    for name, value in dtypes.PUBLIC.items():
        setattr(torch, name, value)
    for name in ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled"):
        setattr(torch, name, getattr(modes, name))
    for name in ("manual_seed", "seed", "initial_seed", "get_rng_state", "set_rng_state", "Generator", "default_generator"):
        setattr(torch, name, getattr(random, name))
    for name in ("is_anomaly_enabled", "is_anomaly_check_nan_enabled"):
        setattr(torch, name, getattr(autograd.anomaly_mode, name))
    torch.set_printoptions = printing.set_printoptions  # type: ignore[attr-defined]
    constants: dict[str, Any] = {
        "Tensor": Tensor, "Size": Size, "device": device, "dtype": dtypes.dtype, "pi": 3.141592653589793, "e": 2.718281828459045,
        "inf": float("inf"), "nan": float("nan"), "newaxis": None, "__version__": VERSION, "autograd": autograd, "nn": nn, "optim": optim,
        "save": serialization.save, "load": serialization.load, "serialization": serialization, "version": environment.version,
        "vmap": func.vmap, "GradScaler": amp.GradScaler, **amp.TORCH,
        "get_default_dtype": dtypes.get_default_dtype, "set_default_dtype": dtypes.set_default_dtype,
        "layout": formats.layout, "memory_format": formats.memory_format, **formats.CONSTANTS,
    }  # fmt: skip
    for name, value in (
        *constants.items(),
        ("_assert", environment._assert),
        *sparse.FUNCTIONS.items(),
        *foreach.FUNCTIONS.items(),
        *legacy.TYPED.items(),
        *environment.ACCELERATORS.items(),
    ):
        setattr(torch, name, value)
    for name in environment.CREATORS:
        setattr(torch, name, environment.on_cpu(getattr(torch, name)))
    for name, table in (
        ("linalg", namespace.LINALG), ("special", namespace.SPECIAL), ("jit", environment.JIT), ("compiler", compiler.COMPILER), ("distributed", environment.DISTRIBUTED),
        ("overrides", overrides.PUBLIC), ("sparse", sparse.PUBLIC),
    ):  # fmt: skip
        setattr(torch, name, _from_table(f"torch.{name}", table))
    # Not our package of that name: scripts reach PyTorch's files through it, `torch.nn.modules.batchnorm`, which are others than ours.
    nn.modules = _from_table("torch.nn.modules", {name: vars(nn.modules)[name] for name in ("__all__", *nn.modules.__all__)})  # type: ignore[assignment]
    for name in _SUBMODULES:
        _attach(torch, name)
    for package in (autograd, nn, optim):
        shown = f"torch.{package.__name__.rpartition('.')[2]}"
        package.__getattr__ = partial(_unknown_in, shown, package)  # type: ignore[method-assign]
    torch.return_types = ModuleType("torch.return_types")  # type: ignore[attr-defined]
    torch.return_types.__getattr__ = _return_type  # type: ignore[attr-defined]
    linalg: Any = torch.linalg  # type: ignore[attr-defined]
    overrides.begin(
        Tensor,
        _as_handed,
        [(torch, {}, "torch"), (nn.functional, namespace.FUNCTIONAL, "functional"), (torch.special, {}, "special"), (linalg, {}, "linalg")],
    )  # type: ignore[attr-defined]
    homes.move_in(torch)
    for package in (nn, optim, optim.lr_scheduler, autograd, func, random, serialization):
        _hide_files(package)
    absent.fill(Tensor)
    torch.__getattr__ = _unknown  # type: ignore[method-assign]
    return torch


def _as_handed(*call: Any) -> Any:
    from .calls.admission import as_handed  # with large tables, which few scripts have need of

    return as_handed(*call)


def _from_table(name: str, table: dict[str, Any]) -> ModuleType:
    module = ModuleType(name)
    for key, value in table.items():
        setattr(module, key, value)
    module.__getattr__ = partial(_unknown_in, name, module)  # type: ignore[method-assign]
    return module


def _hide_files(package: ModuleType) -> None:
    """Take away the names of our own files: `nn.linear` is a slip, and PyTorch has no such module; imports find them all the same."""
    known = {f"{__package__}.{name}" for name in (*_SUBMODULES, "nn.parallel")}
    for name, found in list(vars(package).items()):
        if isinstance(found, ModuleType) and found.__name__.startswith(f"{package.__name__}.") and found.__name__ not in known:
            delattr(package, name)


def _return_type(name: str) -> Any:
    """torch.return_types.NAME, made when it is asked for."""
    if name not in statistics.FIELDS:
        raise AttributeError(f"module 'torch.return_types' has no attribute '{name}'")
    return statistics.return_type(name)


def _attach(torch: ModuleType, name: str) -> None:
    """Hang an engine module under its torch name, where the engine has it."""
    owner: Any = torch
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part, None)
        if owner is None:
            return
    module = getattr(owner, last, None)
    if module is None:
        try:
            module = importlib.import_module(f"{__package__}.{name}")
        except ModuleNotFoundError as missing:
            if missing.name is None or not missing.name.startswith(f"{__package__}."):
                raise
            return
        setattr(owner, last, module)
    if isinstance(module, ModuleType) and "__getattr__" not in vars(module):
        module.__getattr__ = partial(_unknown_in, f"torch.{name}", module)  # type: ignore[method-assign]


def _unknown_in(shown: str, module: ModuleType, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module '{shown}' has no attribute '{name}'")
    raise absent.absent(shown, name, dir(module))


def _unknown(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module 'torch' has no attribute '{name}'")
    raise absent.absent("torch", name, vars(module()))


_module: ModuleType | None = None


_COLLECT = (20_000, 20, 50)  # objects more than there were, young collections for a middle one, middle ones for a whole one


def module() -> ModuleType:
    """The torch module of this process, made at the first call."""
    global _module
    if _module is None:
        _module = _build()
        # Python's collector goes through all nodes of a graph again and again while it grows (half the time of an op in
        # one of 100,000), and finds nothing: graphs have no circles. PyTorch's nodes are none of its business either.
        gc.set_threshold(*_COLLECT)
    return _module


def lookup(name: str) -> Any:
    """A public name of the engine, for `engine.NAME`."""
    return getattr(module(), name)


def public_names() -> list[str]:
    """All public names."""
    return sorted(n for n in vars(module()) if not n.startswith("__"))


def install() -> ModuleType:
    """Let `import torch` (and torch.nn, torch.nn.functional, ...) mean the engine in this process."""
    torch = module()
    sys.modules["torch"] = torch
    for name in _SUBMODULES:
        found: Any = torch
        for part in name.split("."):
            found = getattr(found, part, None)
            if found is None:
                break
        if isinstance(found, ModuleType):
            sys.modules[f"torch.{name}"] = found
    sys.modules.update(paths.modules(torch, frozenset(sys.modules)))
    return torch


@contextmanager
def for_a_while() -> Iterator[None]:
    """Forget all that is called torch, and bring it back: who installs the engine inside leaves no trace of it."""
    before = {name: found for name, found in sys.modules.items() if _is_torch(name)}
    for name in before:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if _is_torch(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_torch(name: str) -> bool:
    return name in ("torch", "functorch") or name.startswith("torch.")


# `engine.tensor` means torch.tensor, although a file of the package has that name too
setattr(sys.modules[__package__ or ""], "tensor", factories.tensor)  # noqa: B010

__all__ = ["for_a_while", "install", "lookup", "module", "ops", "public_names", "ranges", "removed", "sampling", "untyped", "widening"]
