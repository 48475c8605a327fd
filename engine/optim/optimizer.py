"""Optimizer: parameter groups, state, zero_grad, hooks, and telling the watcher of each step.

Source of behaviour and texts: https://docs.pytorch.org/docs/stable/optim.html
"""

from __future__ import annotations

import functools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from .. import dtypes, events, modes
from ..errors import own_copy
from ..graph.node import RemovableHandle
from ..half.bfloat16 import cast
from ..tensor import Tensor
from .halves import in_steps

Array = np.ndarray[Any, Any]
Hook = Callable[..., Any]

_every_pre_hook: dict[int, Hook] = {}
_every_post_hook: dict[int, Hook] = {}


class Required:
    """The type of the default of an option that each group must give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = Required()


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before each step of every optimizer."""
    return RemovableHandle(_every_pre_hook, hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after each step of every optimizer."""
    return RemovableHandle(_every_post_hook, hook)


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """A `step` method that calls the hooks around itself."""

    @functools.wraps(step)
    def wrapper(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        self.stepped = True
        own_before, own_after = self._hooks("step_pre"), self._hooks("step_post")
        if not (own_before or own_after or _every_pre_hook or _every_post_hook):
            return step(self, *args, **kwargs)
        for hook in (*_every_pre_hook.values(), *own_before.values()):
            answer = hook(self, (self, *args), kwargs)
            if answer is not None:
                if not (isinstance(answer, tuple) and len(answer) == 2):
                    raise RuntimeError(f"{step} must return None or a tuple of (new_args, new_kwargs), but got {answer}.")
                (_, *args), kwargs = answer  # type: ignore[assignment]
        result = step(self, *args, **kwargs)
        for hook in (*own_after.values(), *_every_post_hook.values()):
            hook(self, (self, *args), kwargs)
        return result

    wrapper.hooked = True  # type: ignore[attr-defined]
    return wrapper


class Optimizer:
    """Base of the optimizers (torch.optim.Optimizer).

    An optimizer of this package gives `update(param, grad, state, group)`; the loop over groups, the skipping of
    parameters without gradient and the events stand here. A script's own subclass gives `step`, as in PyTorch.
    """

    stepped = False  # since the first scheduler was made; schedulers warn where it is not
    takes_sparse = False  # gradients that are sparse tensors
    keeps_of_each = True  # `state[p]` is about p, and written when p is moved
    younger = frozenset(  # the options that a state_dict may lack, because they came later; others are missed by the step
        ("amsgrad", "capturable", "decoupled_weight_decay", "differentiable", "foreach", "fused", "maximize", "nesterov")
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = cls.__dict__.get("step")
        if own is None and Optimizer in cls.__bases__ and cls.__module__.startswith(f"{__package__}."):
            own = own_copy(Optimizer.step.__wrapped__, f"{cls.__name__}.step")  # type: ignore[attr-defined]
        if own is not None and not getattr(own, "hooked", False):
            cls.step = _with_hooks(own)  # type: ignore[method-assign]

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        if defaults.get("differentiable"):
            raise NotImplementedError("steps that autograd follows (differentiable=True) are not implemented in gradviz's engine")
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got " + _typename(params)
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        given = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        for group in groups:
            self.add_param_group(group)

    # -- groups -----------------------------------------------------------------------------------------

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead."
            )
        entries = [given] if isinstance(given, Tensor) else list(given)
        names = [e[0] for e in entries if isinstance(e, tuple)]
        params = param_group["params"] = [e[1] if isinstance(e, tuple) else e for e in entries]
        if names:
            if len(names) != len(params):
                raise ValueError("all optimizer params should be with/without names. Some param names are missing")
            param_group["param_names"] = names
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError("optimizer can only optimize Tensors, but one of the params is " + _typename(p))
            if not (self.defaults.get("differentiable") or p.is_leaf or p.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for key, value in self.defaults.items():
            if value is required and key not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {key}")
            param_group.setdefault(key, value)
        if len({id(p) for p in params}) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        self._check_against_others(param_group)
        self.param_groups.append(param_group)

    def _check_against_others(self, group: dict[str, Any]) -> None:
        named = "param_names" in group
        for other in self.param_groups:
            if ("param_names" in other) != named:
                raise ValueError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {'with names' if named else 'without names'} to the optimizer"
                )
        seen = {id(p) for other in self.param_groups for p in other["params"]}
        if any(id(p) in seen for p in group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")

    # -- stepping ---------------------------------------------------------------------------------------

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Empty the `.grad` of all parameters: None, or zeros."""
        self.defaults  # noqa: B018 - PyTorch asks them for `foreach`: a wrapper of a script that has none is told so
        for group in self.param_groups:
            for p in group["params"]:
                clear_grad(p, set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient."""
        if type(self).update is Optimizer.update:
            raise NotImplementedError
        loss = None
        if closure is not None:
            with modes.enable_grad():
                loss = closure()
        for group in self.param_groups:
            self.move(group)
        return loss

    def move(self, group: dict[str, Any]) -> None:
        """Move the parameters of a group."""
        for p in group["params"]:
            self._move(p, group)

    def _move(self, p: Tensor, group: dict[str, Any]) -> None:
        """One parameter's step, told to the watcher."""
        watcher, grad = events.watcher, p._grad
        if grad is None:
            if watcher is not None:
                watcher.optimizer_step(self, p, None, p._data, True)
            return
        if not self.takes_sparse and grad._places is not None:
            raise RuntimeError(self._refusal_of_sparse())
        if group.get("capturable"):
            raise AssertionError(
                "If capturable=True, params and state_steps must be on supported devices: ['cuda', 'xpu', 'hpu', 'privateuseone', 'xla']."
            )
        state = self.state.get(p)
        kept: dict[str, Any] = {} if state is None else state
        if watcher is not None:
            watcher.before_write(p)
            for held in kept.values():
                if isinstance(held, Tensor):
                    watcher.before_write(held)
        if p._data.dtype.itemsize == 2:
            in_steps(self.update, p, grad._data, kept, group)
        else:
            self.update(p, grad._data, kept, group)
        p._storage.version += 1
        for held in kept.values():
            if isinstance(held, Tensor):
                held._storage.version += 1
        if state is None and kept:
            self.state[p] = kept
        if watcher is not None:
            watcher.optimizer_step(self, p, grad._data, p._data, False)

    def _refusal_of_sparse(self) -> str:
        return f"{type(self).__name__} does not support sparse gradients"

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Write the new numbers into `param._data`, in place."""
        raise NotImplementedError

    def watch_steps(self) -> None:
        """Called by a scheduler: from now on `stepped` tells whether a step was made."""
        if not self.__dict__.get("_watched"):
            self._watched, self.stepped = True, False

    # -- saving -----------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """State and groups with the parameters as numbers."""
        for hook in self._hooks("state_dict_pre").values():
            hook(self)
        numbers: dict[int, int] = {}
        start, groups = 0, []
        for group in self.param_groups:
            packed = {k: v for k, v in group.items() if k != "params"}
            for k, p in enumerate(group["params"], start):
                numbers.setdefault(id(p), k)
            packed["params"] = [numbers[id(p)] for p in group["params"]]
            start += len(packed["params"])
            groups.append(packed)
        state = {(numbers[id(k)] if isinstance(k, Tensor) else k): v for k, v in self.state.items()}
        made: dict[str, Any] = {"state": state, "param_groups": groups}
        for hook in self._hooks("state_dict_post").values():
            made = _or(hook(self, made), made)
        return made

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave, into the parameters of this optimizer in their order."""
        given = state_dict.copy()
        for hook in self._hooks("load_state_dict_pre").values():
            given = _or(hook(self, given), given)
        saved = deepcopy(given["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(self.param_groups, saved, strict=True)):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
        numbers = chain.from_iterable(g["params"] for g in saved)
        params = dict(zip(numbers, chain.from_iterable(g["params"] for g in self.param_groups), strict=True))
        state: defaultdict[Any, Any] = defaultdict(dict)
        for k, value in given["state"].items():
            if k in params:
                state[params[k]] = _fitted(params[k], value)
            else:
                state[k] = value
        for group, new in zip(self.param_groups, saved, strict=True):
            new["params"] = group["params"]
            if "param_names" in group:
                new.setdefault("param_names", group["param_names"])
            for key in self.younger & self.defaults.keys():
                new.setdefault(key, self.defaults[key])
        self.state, self.param_groups = state, saved
        for hook in self._hooks("load_state_dict_post").values():
            hook(self)

    # -- hooks ------------------------------------------------------------------------------------------

    def _hooks(self, kind: str) -> dict[int, Hook]:
        """The table of one kind of hooks; made when first asked for, as subclasses may not call __init__ first."""
        tables: dict[str, dict[int, Hook]] = self.__dict__.setdefault("_hook_tables", {})
        return tables.setdefault(kind, {})

    def _register(self, kind: str, hook: Hook, prepend: bool = False) -> RemovableHandle:
        table = self._hooks(kind)
        handle = RemovableHandle(table, hook)
        if prepend:
            first = table.pop(handle.id)
            rest = dict(table)
            table.clear()
            table.update({handle.id: first, **rest})
        return handle

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step; it may return new (args, kwargs)."""
        return self._register("step_pre", hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return self._register("step_post", hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before state_dict."""
        return self._register("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` with what state_dict made; it may return another."""
        return self._register("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before loading; it may return another."""
        return self._register("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` after loading."""
        return self._register("load_state_dict_post", hook, prepend)

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for k, group in enumerate(self.param_groups):
            text += f"\nParameter Group {k}\n"
            text += "".join(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
        return text + ")"


Optimizer.step = _with_hooks(Optimizer.step)  # type: ignore[method-assign]


def _or(answer: Any, otherwise: Any) -> Any:
    return otherwise if answer is None else answer


def _fitted(param: Tensor, value: Any, key: Any = None) -> Any:
    """A saved value with its tensors in the dtype of the parameter; the step counter keeps its own."""
    if isinstance(value, Tensor):
        if key == "step" or param._data.dtype.kind not in "fV" or value._data.dtype == param._data.dtype:
            return value
        return Tensor._of(cast(value._data, param._data.dtype))
    if isinstance(value, dict):
        return {k: _fitted(param, v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return type(value)(_fitted(param, v) for v in value)
    return value


def _typename(value: Any) -> str:
    from ..environment import typename

    return typename(value)


def step_counter() -> Tensor:
    """A new `state["step"]`: a 0-d tensor, as PyTorch keeps it."""
    return Tensor._of(np.zeros((), np.float64 if dtypes.get_default_dtype() is dtypes.float64 else np.float32))


def count_step(state: dict[str, Any]) -> float:
    """Count `state["step"]` up, and return it."""
    counter = state["step"]
    if not isinstance(counter, Tensor):  # a state that was saved with a plain number
        counter = state["step"] = Tensor._of(np.array(counter, step_counter()._data.dtype))
    counter._data += 1
    return float(counter._data)


def zeros_like(param: Tensor) -> Tensor:
    """A new state tensor of the parameter's shape."""
    zeros = np.zeros_like(param._data)
    made: Tensor = Tensor._of(zeros)
    made._data = zeros  # of the class that halves.py gives the parameter
    return made


def clear_grad(p: Tensor, set_to_none: bool = True) -> None:
    """Set one `.grad` to None or to zeros, and tell the watcher."""
    grad = p._grad
    if grad is None:
        return
    if set_to_none:
        p._grad = None
    elif grad._places is not None:
        grad.zero_()
    else:
        if grad._node is not None:
            grad = p._grad = grad.detach()
        grad._requires_grad = False
        if events.watcher is not None:
            events.watcher.before_write(grad)
        grad._data[...] = 0
        grad._storage.version += 1
    if events.watcher is not None:
        events.watcher.zero_grad(p, set_to_none)


def parameters(params: Iterable[Tensor]) -> list[Tensor]:
    """A list of what may be a generator."""
    return list(params)


__all__ = ["Optimizer", "clear_grad", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook", "required"]
