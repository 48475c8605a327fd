"""The modules of PyTorch that scripts name by a longer path: torch.distributions.normal, torch.optim.adam, torch.nn.utils.clip_grad.

They stand in `sys.modules` under PyTorch's names. Without that Python would look for a file of that name in our packages, and load
it a second time as a part of torch.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

from .. import printing
from ..calls.absent import absent
from ..func import functorch
from ..func.vmap import mapped
from . import overrides
from .homes import HOMES, public_place

_ENGINE = (__package__ or "").rpartition(".")[0]  # gradviz.engine in the wheel

# PyTorch's modules that are files of ours, at the same place
_FILES = (
    "autograd.gradcheck", "distributions.distribution", "distributions.kl", "nn.utils.clip_grad", "nn.utils.convert_parameters", "nn.utils.prune",
    "nn.utils.spectral_norm", "nn.utils.stateless", "nn.utils.weight_norm", "serialization", "utils.data.collate",
)  # fmt: skip
# Packages whose longer paths are attributes, too: torch.distributions.normal.Normal, where torch.optim.adam is a path for imports alone
_SHOWN = (
    "torch",
    "torch._C",
    "torch.amp",
    "torch.autograd",
    "torch.cpu.amp",
    "torch.cuda.amp",
    "torch.distributions",
    "torch.nn",
    "torch.nn.modules",
    "torch.nn.utils",
    "torch.utils",
    "torch.utils.data._utils",
)


def _tuples() -> dict[str, Any]:
    """torch.nn.modules.utils: a number as many times as a layer has dimensions, and names of a state_dict without a prefix."""
    from ..nn.modules import state

    def repeated(n: int, x: Any) -> Any:
        return tuple(x) if hasattr(x, "__iter__") else (x,) * n

    named = {"_single": 1, "_pair": 2, "_triple": 3, "_quadruple": 4}
    return {
        "_ntuple": lambda n: partial(repeated, n),
        "consume_prefix_in_state_dict_if_present": state.without_prefix,
        **{name: partial(repeated, n) for name, n in named.items()},
    }


def _sizes(tensor: type) -> dict[str, Any]:
    """torch.nn.common_types: what layers may be told of sizes, for the annotations of scripts."""
    several = {n: tuple[(int,) * n] for n in range(1, 7)}  # type: ignore[misc]
    return {
        **{f"_size_{n}_t": int | several[n] for n in several},
        **{f"_scalar_or_tuple_{n}_t": int | several[n] for n in several},
        **{f"_size_{n}_opt_t": int | None | tuple[(int | None,) * n] for n in (2, 3)},  # type: ignore[misc]
        **{f"_ratio_{n}_t": float | tuple[(float,) * n] for n in (2, 3)},  # type: ignore[misc]
        "_size_any_t": int | tuple[int, ...], "_scalar_or_tuple_any_t": int | tuple[int, ...], "_size_any_opt_t": int | None | tuple[int | None, ...],
        "_ratio_any_t": float | tuple[float, ...], "_tensor_list_t": tensor | list[tensor], "_maybe_indices_t": tensor | tuple[tensor, tensor],  # type: ignore[valid-type]
    }  # fmt: skip


def _told(torch: Any) -> dict[str, dict[str, Any]]:
    """PyTorch's modules that hold a few names which stand elsewhere here."""
    from .. import autograd
    from ..distributions import distribution
    from ..graph.node import RemovableHandle
    from ..nn import attention, parallel
    from ..nn.modules import conv, loss, module, normalization
    from ..random.generator import Generator
    from ..utils.data.collate import default_collate

    utils = {
        name: getattr(distribution, name)
        for name in ("broadcast_all", "clamp_probs", "lazy_property", "logits_to_probs", "probs_to_logits")
    }
    utils["_sum_rightmost"] = distribution.sum_last
    return {
        "torch._C": {
            "Generator": Generator, "Size": torch.Size, "_LinAlgError": torch.linalg.LinAlgError, "_get_tracing_state": lambda: None,
            "device": torch.device, "dtype": torch.dtype, **overrides.IN_C,
        },
        "torch._tensor": {"Tensor": torch.Tensor},
        "torch._tensor_str": {name: getattr(printing, name) for name in ("get_printoptions", "printoptions", "set_printoptions")},
        "torch.autograd.profiler": {name: getattr(torch.profiler, name) for name in ("profile", "record_function")},
        "torch.autograd.variable": {"Variable": autograd.Variable},
        "torch.distributions.utils": utils,
        "torch.functional": {
            name: getattr(torch, name)
            for name in ("atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_tensors", "cartesian_prod", "cdist", "chain_matmul",
                         "einsum", "istft", "meshgrid", "norm", "pca_lowrank", "split", "stft", "svd_lowrank", "tensordot", "unique",
                         "unique_consecutive", "unravel_index", "broadcast_shapes")
        },
        "torch.distributions.exp_family": {"ExponentialFamily": torch.distributions.ExponentialFamily},
        "torch.nn.attention": attention.ATTENTION,
        "torch.nn.common_types": _sizes(torch.Tensor),
        "torch.nn.attention.bias": attention.BIAS,
        "torch.nn.modules.activation": {"MultiheadAttention": torch.nn.MultiheadAttention},
        "torch.nn.modules.batchnorm": {"_BatchNorm": normalization._BatchNorm},
        "torch.nn.modules.conv": {"_ConvNd": conv._Conv},
        "torch.nn.modules.loss": {"_Loss": loss._Loss, "_WeightedLoss": loss._WeightedLoss},
        "torch.nn.modules.utils": _tuples(),
        "torch.nn.parallel": {name: getattr(parallel, name) for name in ("DataParallel", "DistributedDataParallel")},
        "torch.utils._pytree": {"tree_map": mapped},
        "torch.types": {"Device": Any, "Number": (int, float, bool), "Tensor": torch.Tensor},
        "torch.utils.data._utils.collate": {"default_collate": default_collate},
        "torch.utils.hooks": {"RemovableHandle": RemovableHandle},
        "torch.nn.modules.module": {
            name: getattr(module, name)
            for name in ("Module", "register_module_forward_hook", "register_module_forward_pre_hook", "register_module_full_backward_hook",
                         "register_module_full_backward_pre_hook")
        },
    }  # fmt: skip


def modules(torch: Any, known: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """(name, module) of each longer path that is not `known` already."""
    tables: dict[str, dict[str, Any]] = {}
    for home, names in HOMES.items():
        place = public_place(torch, home)
        tables.setdefault(home, {}).update((name, vars(place)[name]) for name in names.split() if name in vars(place))
    for home, table in _told(torch).items():
        tables.setdefault(home, {}).update(table)
    for name in _FILES:
        found = importlib.import_module(f"{_ENGINE}.{name}")
        _show(torch, f"torch.{name}", found)
        yield f"torch.{name}", found
    for name in ("compiler", "distributed", "jit", "overrides", "sparse"):
        yield f"torch.{name}", getattr(torch, name)
    torch.multiprocessing = ModuleType("torch.multiprocessing")
    torch.multiprocessing.__getattr__ = _of_python
    torch.utils.data._utils = ModuleType("torch.utils.data._utils")
    yield "torch.utils.data._utils", torch.utils.data._utils
    for backend in ("cuda", "cudnn", "mkldnn", "mps"):
        yield f"torch.backends.{backend}", getattr(torch.backends, backend)
    yield "functorch", functorch.module()
    yield "torch.multiprocessing", torch.multiprocessing
    for home, table in tables.items():
        if home not in known:
            made = ModuleType(home)
            vars(made).update(table)
            made.__getattr__ = partial(_unknown_in, home, made)  # type: ignore[method-assign]
            _show(torch, home, made)
            yield home, made


def _of_python(name: str) -> Any:
    """A name of Python's own multiprocessing, which is imported for the first one that a script asks for."""
    if name.startswith("__"):
        raise AttributeError(f"module 'torch.multiprocessing' has no attribute '{name}'")
    return getattr(importlib.import_module("multiprocessing"), name)


def _show(torch: Any, path: str, module: ModuleType) -> None:
    """Hang a module where scripts reach it by attributes."""
    above, _, own = path.rpartition(".")
    if above in _SHOWN:
        owner = torch
        for part in above.split(".")[1:]:
            owner = getattr(owner, part)
        if own not in vars(owner):
            setattr(owner, own, module)


def _unknown_in(shown: str, module: ModuleType, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module '{shown}' has no attribute '{name}'")
    raise absent(shown, name, dir(module))


__all__ = ["modules"]
