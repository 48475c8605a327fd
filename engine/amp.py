"""torch.amp: mixed precision; for a device that is not there it is switched off, with PyTorch's warning."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from . import dtypes, modes
from .half.autocast import Autocast, learn, put
from .half.bfloat16 import readable
from .memory.inplace import overwrite
from .tensor import Tensor, device

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]


class _State:
    """What the next block of autocast starts from, for each device."""

    def __init__(self) -> None:
        self.dtypes: dict[str, Any] = {"cpu": dtypes.bfloat16}
        self.cache = True
        self.depth = 0
        self.kept: dict[int, tuple[Tensor, Tensor]] = {}


_state = _State()


class autocast:  # noqa: N801 - PyTorch's name
    """A block (or a function) in mixed precision: on the CPU in bfloat16 or float16; for CUDA, which is not there, it does nothing."""

    def __init__(self, device_type: str, dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        if not is_autocast_available(device_type):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'")
        self.device = device_type
        self.fast_dtype = get_autocast_dtype(device_type) if dtype is None else dtype
        self._cache_enabled = _state.cache if cache_enabled is None else cache_enabled
        if enabled and device_type == "cuda":
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)
            enabled = False
        elif enabled and self.fast_dtype not in (dtypes.bfloat16, dtypes.float16):
            name = device_type.upper()
            warnings.warn(
                f"In {name} autocast, but the target dtype is not supported. Disabling autocast.\n"
                f"{name} Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.",
                stacklevel=2,
            )
            enabled = False
        self._enabled = enabled

    def __enter__(self) -> autocast:
        self.prev_cache_enabled, self.prev_fastdtype = _state.cache, get_autocast_dtype(self.device)
        self._before = modes.autocast
        _state.dtypes[self.device], _state.cache = self.fast_dtype, self._cache_enabled
        _state.depth += 1
        if self.device == "cpu":
            set_autocast_enabled("cpu", self._enabled)
        return self

    def __exit__(self, *_: object) -> None:
        _state.depth -= 1
        if not _state.depth:
            clear_autocast_cache()
        _state.dtypes[self.device], _state.cache = self.prev_fastdtype, self.prev_cache_enabled
        if self.device == "cpu":
            put(self._before)

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        if not callable(func):
            raise TypeError(
                f"autocast()(func) requires a callable, but got {type(func).__name__}. Did you mean to use autocast as a context manager? "
                "For example:\n    with torch.autocast(device_type=...):\n        output = model(input)"
            )

        @functools.wraps(func)
        def decorate_autocast(*args: Any, **kwargs: Any) -> Any:
            with self:
                return func(*args, **kwargs)

        return decorate_autocast


def is_autocast_available(device_type: str) -> bool:
    """Whether there is autocast for a device."""
    device(device_type)  # its error, where it is the name of none
    return device_type in ("cpu", "cuda", "mps", "xpu")


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether autocast is on for a device; asked without one, for CUDA."""
    return device_type == "cpu" and modes.autocast is not None


def set_autocast_enabled(device_type: Any, enabled: bool | None = None) -> None:
    """Turn autocast on or off for a device; told without one, for CUDA."""
    if device_type != "cpu":
        return
    if enabled:
        learn()
        put(Autocast(get_autocast_dtype("cpu"), None, _state.kept if _state.cache else None))
    else:
        put(None)


def get_autocast_dtype(device_type: str) -> Any:
    """The lower dtype of a device."""
    device(device_type)
    return _state.dtypes.get(device_type, dtypes.float16)


def set_autocast_dtype(device_type: str, dtype: Any) -> None:
    """Another lower dtype for a device."""
    _state.dtypes[device_type] = dtype
    if device_type == "cpu" and modes.autocast is not None:
        modes.autocast.dtype = dtype


def is_autocast_cache_enabled() -> bool:
    """Whether parameters are cast once in a block."""
    return _state.cache


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Whether parameters are cast once in a block, from the next one on."""
    _state.cache = enabled


def clear_autocast_cache() -> None:
    """Forget the parameters that were cast."""
    _state.kept.clear()


def custom_fwd(fwd: Any = None, *, device_type: str, cast_inputs: Any = None) -> Any:
    """For the forward of a Function: it remembers what autocast is, or gets its inputs in one dtype and autocast off."""
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorate_fwd(*args: Any, **kwargs: Any) -> Any:
        ctx, on = args[0], is_autocast_enabled(device_type)
        ctx._dtype = get_autocast_dtype(device_type)
        ctx._fwd_used_autocast = on and cast_inputs is None
        if cast_inputs is None or not on:
            return fwd(*args, **kwargs)
        with autocast(device_type=device_type, enabled=False):
            return fwd(*_cast(args, cast_inputs), **_cast(kwargs, cast_inputs))

    return decorate_fwd


def custom_bwd(bwd: Any = None, *, device_type: str) -> Any:
    """For the backward of a Function: it runs with the autocast of the forward."""
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorate_bwd(*args: Any, **kwargs: Any) -> Any:
        with autocast(device_type=device_type, enabled=args[0]._fwd_used_autocast, dtype=args[0]._dtype):
            return bwd(*args, **kwargs)

    return decorate_bwd


def _cast(value: Any, dtype: Any) -> Any:
    if isinstance(value, Tensor):
        return value.to(dtype) if value.is_floating_point() and value.dtype is not dtypes.float64 else value  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return {_cast(k, dtype): _cast(v, dtype) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cast(v, dtype) for v in value)
    return value


TORCH = {
    "autocast": autocast, "is_autocast_enabled": is_autocast_enabled, "set_autocast_enabled": set_autocast_enabled,
    "get_autocast_dtype": get_autocast_dtype, "set_autocast_dtype": set_autocast_dtype, "clear_autocast_cache": clear_autocast_cache,
    "is_autocast_cache_enabled": is_autocast_cache_enabled, "set_autocast_cache_enabled": set_autocast_cache_enabled,
}  # fmt: skip


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
                    data = readable(p._grad._data)
                    bad |= not bool(np.isfinite(data).all())
                    overwrite(p._grad, data * data.dtype.type(1.0 / self._scale))
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
