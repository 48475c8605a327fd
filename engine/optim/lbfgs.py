"""L-BFGS (torch.optim.LBFGS): Newton's method with a Hessian guessed from the last steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import events, modes
from ..memory.inplace import overwrite
from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer
from .options import check_rate, number
from .wolfe import Trial, strong_wolfe

Array = np.ndarray[Any, Any]


class LBFGS(Optimizer):
    """Needs a closure, because one step evaluates the loss several times.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
    """

    keeps_of_each = False  # the first parameter's holds what is kept of all of them

    def __init__(
        self,
        params: Any,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_rate(lr)
        super().__init__(
            params,
            {
                "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
                "line_search_fn": line_search_fn,
            },
        )  # fmt: skip
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @property
    def _params(self) -> list[Tensor]:
        params: list[Tensor] = self.param_groups[0]["params"]
        return params

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Up to `max_iter` moves; `closure` clears the gradients, computes the loss, calls backward and returns the loss."""
        with modes.no_grad():
            return self._step(modes.enable_grad()(closure))

    def _step(self, closure: Callable[[], Any]) -> Any:
        group, state = self.param_groups[0], self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = closure()
        loss, evaluations = float(first_loss), 1
        state["func_evals"] += 1
        gradient = self._gradient()
        if np.abs(gradient).max() <= group["tolerance_grad"]:
            return first_loss
        memory = _Memory.from_state(state, group["history_size"])
        lr, rounds = number(group["lr"]), 0
        while rounds < group["max_iter"]:
            rounds += 1
            state["n_iter"] += 1
            first = state["n_iter"] == 1
            direction = memory.start(gradient) if first else memory.direction(gradient)
            memory.gradient, memory.loss, loss_before = gradient.copy(), loss, loss
            t = min(1.0, 1.0 / np.abs(gradient).sum()) * lr if first else lr
            memory.step, slope = t, gradient.dot(direction)
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                start = Trial(0, loss, gradient, slope)
                evaluate = self._along(closure, direction)
                found, used = strong_wolfe(evaluate, start, t, direction, most=group["max_eval"] - evaluations)
                loss, gradient, t = found.value, found.gradient, found.t
                memory.step = t
                self._move_all(direction, t)
            else:
                self._move_all(direction, t)
                if rounds != group["max_iter"]:
                    loss = float(closure())
                    gradient = self._gradient()
                    used = 1
            evaluations += used
            state["func_evals"] += used
            if rounds == group["max_iter"] or evaluations >= group["max_eval"]:
                break
            if np.abs(gradient).max() <= group["tolerance_grad"]:
                break
            if np.abs(kernels.scale(direction, t)).max() <= group["tolerance_change"]:
                break
            if abs(loss - loss_before) < group["tolerance_change"]:
                break
        memory.to_state(state)
        return first_loss

    def _gradient(self) -> Array:
        """All gradients in one row; zeros where there is none."""
        parts = [np.zeros(p._data.size, p._data.dtype) if p._grad is None else p._grad._data.reshape(-1) for p in self._params]
        return np.concatenate(parts)

    def _moved(self, direction: Array, t: Any) -> list[Array]:
        """What each parameter becomes at a step length."""
        made, at = [], 0
        for p in self._params:
            size = p._data.size
            made.append(kernels.add(p._data, direction[at : at + size].reshape(p._data.shape), t))
            at += size
        return made

    def _move_all(self, direction: Array, t: Any) -> None:
        """Move the parameters for good, told to the watcher."""
        watcher = events.watcher
        for p, values in zip(self._params, self._moved(direction, t), strict=True):
            if watcher is not None:
                watcher.before_write(p)
            p._data[...] = values
            p._storage.version += 1
            if watcher is not None:
                watcher.optimizer_step(self, p, None if p._grad is None else p._grad._data, p._data, False)

    def _along(self, closure: Callable[[], Any], direction: Array) -> Callable[[Any], Trial]:
        """The loss as a function of the step length; the parameters are put back after each trial."""

        def evaluate(t: Any) -> Trial:
            before = [p._data.copy() for p in self._params]
            for p, values in zip(self._params, self._moved(direction, t), strict=True):
                overwrite(p, values, "optimizer")
            value = float(closure())
            gradient = self._gradient()
            for p, values in zip(self._params, before, strict=True):
                overwrite(p, values, "optimizer")
            return Trial(t, value, gradient, gradient.dot(direction))

        return evaluate


class _Memory:
    """What one step leaves for the next: the last steps and what they did to the gradient."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.last: Any = None  # the last direction
        self.step: Any = None
        self.changes: list[Array] = []  # of the gradient
        self.steps: list[Array] = []
        self.ro: list[Any] = []
        self.scale: Any = 1
        self.gradient: Any = None
        self.loss: float | None = None
        self.weights: list[Any] = [None] * size

    def start(self, gradient: Array) -> Array:
        """The first direction: straight down."""
        self.changes, self.steps, self.ro, self.scale = [], [], [], 1
        self.last = first = -gradient
        return first

    def direction(self, gradient: Array) -> Array:
        """The product of the guessed inverse Hessian and minus the gradient, by two loops over the memory."""
        change, step = gradient - self.gradient, kernels.scale(self.last, self.step)
        curvature = change.dot(step)
        if curvature > 1e-10:
            if len(self.changes) == self.size:
                for row in (self.changes, self.steps, self.ro):
                    row.pop(0)
            self.changes.append(change)
            self.steps.append(step)
            self.ro.append(1.0 / curvature)
            self.scale = curvature / change.dot(change)
        count = len(self.changes)
        q = -gradient
        for k in range(count - 1, -1, -1):
            self.weights[k] = self.steps[k].dot(q) * self.ro[k]
            q = kernels.add(q, self.changes[k], -self.weights[k])
        r = kernels.scale(q, self.scale)
        for k in range(count):
            r = kernels.add(r, self.steps[k], self.weights[k] - self.changes[k].dot(r) * self.ro[k])
        self.last = r
        return r

    _NAMES = {  # noqa: RUF012 - a table that nobody writes
        "al": "weights", "d": "last", "t": "step", "old_dirs": "changes", "old_stps": "steps", "ro": "ro", "H_diag": "scale",
        "prev_flat_grad": "gradient", "prev_loss": "loss",
    }  # fmt: skip

    @classmethod
    def from_state(cls, state: dict[str, Any], size: int) -> _Memory:
        """The memory that an optimizer's state holds under PyTorch's names."""
        made = cls(size)
        for key, name in cls._NAMES.items():
            if key in state:
                setattr(made, name, _bare(state[key]))
        made.weights += [None] * (size - len(made.weights))
        return made

    def to_state(self, state: dict[str, Any]) -> None:
        """Keep the memory in an optimizer's state."""
        for key, name in self._NAMES.items():
            if key != "al" or state["n_iter"] > 1:
                state[key] = _dressed(getattr(self, name))


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(v) for v in value]
    return value._data if isinstance(value, Tensor) and value._data.ndim else number(value)


def _dressed(value: Any) -> Any:
    if isinstance(value, list):
        return [_dressed(v) for v in value]
    return Tensor._of(np.asarray(value)) if isinstance(value, (np.ndarray, np.generic)) else value
