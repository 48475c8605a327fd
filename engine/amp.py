"""torch.amp: mixed precision, where a script asks for it on a device that is not there (switched off, with PyTorch's warning).

The CPU's own autocast computes in bfloat16, which numpy does not have: asking for that raises.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .inplace import overwrite
from .tensor import Tensor, device

__all__ = ["GradScaler", "autocast", "is_autocast_available"]


class autocast:  # noqa: N801 - PyTorch's name
    """A block (or a function) in mixed precision; without CUDA it does nothing."""

    def __init__(self, device_type: str, dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        if enabled and device_type == "cuda":
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)
            enabled = False
        if enabled:
            device(device_type)  # its error, where it is the name of none
            raise NotImplementedError(
                f"autocast on '{device_type}' computes in bfloat16, which gradviz's engine does not have: enabled=False"
            )
        self.device = device_type
        self.fast_dtype = dtype
        self._enabled = enabled

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapped


def is_autocast_available(device_type: str) -> bool:
    """Whether autocast can be enabled: on no device."""
    return False


class GradScaler:
    """Scales losses up so that small gradients survive float16; switched off where there is no CUDA."""

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if enabled and device == "cuda":
            warnings.warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.", stacklevel=2)
            enabled = False
        if enabled and growth_factor <= 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if enabled and backoff_factor >= 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._enabled = enabled
        self._scale, self._growth_factor, self._backoff_factor = init_scale, growth_factor, backoff_factor
        self._growth_interval, self._growth_tracker = growth_interval, 0
        self._begun = False  # PyTorch makes the factor a tensor when a loss is scaled for the first time
        self._bad: dict[int, bool] = {}  # id of an optimizer whose gradients are unscaled -> whether one was infinite
        self._stepped: set[int] = set()  # ids of those that made their step since the last update

    def is_enabled(self) -> bool:
        """Whether it scales."""
        return self._enabled

    def get_scale(self) -> float:
        """The factor."""
        return self._scale if self._enabled else 1.0

    def get_growth_factor(self) -> float:
        """By what the factor grows."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Another one."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """By what the factor shrinks after infinite gradients."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Another one."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """After how many finite steps the factor grows."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Another one."""
        self._growth_interval = new_interval

    def scale(self, outputs: Any) -> Any:
        """A loss (or a list of them) times the factor."""
        if not self._enabled:
            return outputs
        self._begun = True
        if not isinstance(outputs, (list, tuple, Tensor)):
            raise ValueError("outputs must be a Tensor or an iterable of Tensors")
        if isinstance(outputs, Tensor):
            return outputs * self._scale  # type: ignore[operator]
        return type(outputs)(self.scale(o) for o in outputs)

    def _must_have_begun(self, what: str) -> None:
        if not self._begun:
            raise AssertionError(
                f"Attempted {what} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in "
                "the iteration."
            )

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of an optimizer by the factor."""
        if not self._enabled:
            return
        self._must_have_begun("unscale_")
        if id(optimizer) in self._stepped:
            raise RuntimeError("unscale_() is being called after step().")
        if id(optimizer) in self._bad:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        bad = False
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p._grad is not None:
                    bad |= not bool(np.isfinite(p._grad._data).all())
                    overwrite(p._grad, p._grad._data * p._grad._data.dtype.type(1.0 / self._scale))
        self._bad[id(optimizer)] = bad

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """The optimizer's step, left out where a gradient was infinite."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        self._must_have_begun("step")
        if id(optimizer) in self._stepped:
            raise RuntimeError("step() has already been called since the last update().")
        if id(optimizer) not in self._bad:
            self.unscale_(optimizer)
        if all(p._grad is None for group in optimizer.param_groups for p in group["params"]):
            raise AssertionError("No inf checks were recorded for this optimizer.")
        done = None if self._bad[id(optimizer)] else optimizer.step(*args, **kwargs)
        self._stepped.add(id(optimizer))
        return done

    def update(self, new_scale: float | None = None) -> None:
        """A smaller factor after infinite gradients, a larger one after many finite steps."""
        if not self._enabled:
            return
        self._must_have_begun("update")
        if new_scale is not None:
            self._scale = float(new_scale)
        elif not self._bad:
            raise AssertionError("No inf checks were recorded prior to update.")
        elif any(self._bad.values()):
            self._scale *= self._backoff_factor
            self._growth_tracker = 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                self._scale *= self._growth_factor
                self._growth_tracker = 0
        self._bad.clear()
        self._stepped.clear()

    def state_dict(self) -> dict[str, Any]:
        """What is needed to go on; nothing where it is switched off."""
        if not self._enabled:
            return {}
        return {
            "scale": self._scale, "growth_factor": self._growth_factor, "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval, "_growth_tracker": self._growth_tracker,
        }  # fmt: skip

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError("The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.")
        self._scale, self._growth_factor = state_dict["scale"], state_dict["growth_factor"]
        self._backoff_factor, self._growth_interval = state_dict["backoff_factor"], state_dict["growth_interval"]
        self._growth_tracker = state_dict["_growth_tracker"]
