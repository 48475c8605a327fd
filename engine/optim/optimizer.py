"""Optimizer: parameter groups, state, zero_grad, and telling the watcher of each step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .. import events, modes
from ..tensor import Tensor

Array = np.ndarray[Any, Any]


class Optimizer:
    """Base of the optimizers (torch.optim.Optimizer).

    A subclass gives `update(param, grad, state, group) -> new data`; the loop over groups, the skipping of
    parameters without gradient and the events stand here.
    """

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch."
                + params.dtype.scalar_name
                + "Tensor"
            )
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        given = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own."""
        group = dict(param_group)
        params = group["params"]
        if isinstance(params, Tensor):
            group["params"] = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead."
            )
        else:
            group["params"] = list(params)
        for p in group["params"]:
            if not isinstance(p, Tensor):
                raise TypeError("optimizer can only optimize Tensors, but one of the params is " + type(p).__name__)
            if not (self.defaults.get("differentiable") or p.is_leaf or p.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for key, value in self.defaults.items():
            group.setdefault(key, value)
        seen = {id(p) for other in self.param_groups for p in other["params"]}
        if any(id(p) in seen for p in group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Empty the `.grad` of all parameters: None, or zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                clear_grad(p, set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with modes.enable_grad():
                loss = closure()
        watcher = events.watcher
        for group in self.param_groups:
            for p in group["params"]:
                grad = p._grad
                if grad is None:
                    if watcher is not None:
                        watcher.optimizer_step(self, p, None, p._data, p._data, True)
                    continue
                before = p._data.copy() if watcher is not None else p._data
                if watcher is not None:
                    watcher.before_write(p)
                self.update(p, grad._data, self.state[p], group)
                p._storage.version += 1
                if watcher is not None:
                    watcher.optimizer_step(self, p, grad._data, before, p._data, False)
        return loss

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Write the new numbers into `param._data`, in place."""
        raise TypeError(f"{type(self).__name__} has no update rule")

    def state_dict(self) -> dict[str, Any]:
        """State and groups with the parameters as numbers."""
        numbers = {id(p): k for k, p in enumerate(p for g in self.param_groups for p in g["params"])}
        groups = [
            {**{k: v for k, v in g.items() if k != "params"}, "params": [numbers[id(p)] for p in g["params"]]} for g in self.param_groups
        ]
        return {"state": {numbers[id(p)]: s for p, s in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        params = [p for g in self.param_groups for p in g["params"]]
        for group, saved in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update({k: v for k, v in saved.items() if k != "params"})
        self.state = defaultdict(dict, {params[k]: dict(s) for k, s in state_dict["state"].items()})

    def __repr__(self) -> str:
        lines = [type(self).__name__ + " ("]
        for k, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {k}"]
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])


def clear_grad(p: Tensor, set_to_none: bool = True) -> None:
    """Set one `.grad` to None or to zeros, and tell the watcher."""
    grad = p._grad
    if grad is None:
        return
    before = grad._data.copy() if events.watcher is not None else grad._data
    if set_to_none:
        p._grad = None
    else:
        if grad._node is not None:
            grad = p._grad = grad.detach()
        if events.watcher is not None:
            events.watcher.before_write(grad)
        grad._data[...] = 0
        grad._storage.version += 1
    if events.watcher is not None:
        events.watcher.zero_grad(p, before, set_to_none)


def parameters(params: Iterable[Tensor]) -> list[Tensor]:
    """A list of what may be a generator."""
    return list(params)
