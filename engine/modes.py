"""Grad modes: no_grad, enable_grad, set_grad_enabled, inference_mode.

`grad` and `inference` are module globals because each op reads them (benchmark row `engine/W1`).
A mode is restored in `finally` fashion by `__exit__`, also after an exception.
"""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from . import events
from .dtypes import whole_name

grad = True
inference = False
retains = False  # autograd.grad keeps the graph although nobody asked: vmap's function runs again for the next row
mapped = 0  # how many vmaps run
anomaly = False  # nodes remember where in the program they were made, and errors of backward tell it
check_nan = True  # with `anomaly`: a nan in backward is an error
saved_hooks: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...] = ()  # (pack, unpack), innermost last
hooks_refused = ""  # why saved_tensors_hooks are refused here, "" where they are welcome
dual_levels: list[Any] = []  # the level of autograd.forward_ad that is open
autocast: Any = None  # what autocast.py does while it is on
transforms = 0  # how many of torch.func's transforms are around what runs now
told_once: set[str] = set()  # warnings that PyTorch gives once a process

F = TypeVar("F", bound=Callable[..., Any])


@contextmanager
def retaining(on: bool) -> Iterator[None]:
    """Let autograd.grad keep its graphs inside a block."""
    global retains
    before = retains
    retains = on or before
    try:
        yield
    finally:
        retains = before


@contextmanager
def mapping() -> Iterator[None]:
    """A row of vmap runs: the values of its tensors are no Python numbers there."""
    global mapped
    mapped += 1
    try:
        yield
    finally:
        mapped -= 1


class GradMode:
    """A grad mode as context manager and as decorator, as in PyTorch (torch.autograd.grad_mode)."""

    mode = "set_grad_enabled"

    def __init__(self, enabled: bool, inference_mode: bool | None = None) -> None:
        self._enabled = enabled
        self._inference = inference_mode
        self._before: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        global grad, inference
        self._before.append((grad, inference))
        grad = self._enabled
        if self._inference is not None:
            inference = self._inference
        if events.watcher is not None:
            events.watcher.mode_enter(self.mode, grad)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        global grad, inference
        grad, inference = self._before.pop()
        if events.watcher is not None:
            events.watcher.mode_exit(self.mode, grad)

    def clone(self) -> GradMode:
        """A fresh one of the same meaning."""
        return type(self)(self._enabled, self._inference)

    def __call__(self, function: F) -> F:
        if inspect.isclass(function):
            function.__init__ = self(function.__init__)  # type: ignore[method-assign]
            return function
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def generator(*args: Any, **kwargs: Any) -> Any:
                inner = function(*args, **kwargs)
                send: Any = None
                while True:
                    with self.clone():
                        try:
                            value = inner.send(send)
                        except StopIteration as stop:
                            return stop.value
                    send = yield value

            return generator  # type: ignore[return-value]

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return wrapped  # type: ignore[return-value]


class no_grad(GradMode):  # noqa: N801 - PyTorch's name
    """Ops inside build no graph."""

    mode = "no_grad"

    def __new__(cls, function: Any = None, *_: Any) -> Any:
        if callable(function):  # @torch.no_grad without parentheses
            return cls()(function)
        return super().__new__(cls)

    def __init__(self, *_: Any) -> None:
        super().__init__(False)


class enable_grad(GradMode):  # noqa: N801 - PyTorch's name
    """Ops inside build a graph again, within no_grad."""

    mode = "enable_grad"

    def __new__(cls, function: Any = None, *_: Any) -> Any:
        if callable(function):
            return cls()(function)
        return super().__new__(cls)

    def __init__(self, *_: Any) -> None:
        super().__init__(True)


class set_grad_enabled(GradMode):  # noqa: N801 - PyTorch's name
    """Sets the mode at once, as a call; and restores it when used in a `with`."""

    mode = "set_grad_enabled"

    def __init__(self, mode: bool, *_: Any) -> None:
        global grad
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {whole_name(type(mode))}")
        super().__init__(mode)
        self._at_call = grad
        grad = self._enabled
        self._tell(self._at_call)

    def _tell(self, before: bool) -> None:
        """As a call it is told as the start of a block without gradients, or as the end of one."""
        if events.watcher is not None and grad is not before:
            told = events.watcher.mode_exit if grad else events.watcher.mode_enter
            told(self.mode, grad)

    def _take_back(self) -> None:
        global grad
        grad = self._at_call
        self._tell(self._enabled)

    def __enter__(self) -> None:
        self._take_back()
        super().__enter__()

    def __call__(self, function: F) -> F:
        self._take_back()
        return super().__call__(function)


class inference_mode(GradMode):  # noqa: N801 - PyTorch's name
    """As no_grad, and what is made inside can never enter autograd."""

    mode = "inference_mode"

    def __new__(cls, mode: Any = True, *_: Any) -> Any:
        if callable(mode):
            return cls()(mode)
        return super().__new__(cls)

    def __init__(self, mode: bool = True, *_: Any) -> None:
        super().__init__(grad if not mode else False, bool(mode))

    def clone(self) -> GradMode:
        return inference_mode(bool(self._inference))


def is_grad_enabled() -> bool:
    """Whether ops build a graph now."""
    return grad


def is_inference_mode_enabled() -> bool:
    """Whether inference mode is on."""
    return inference


class _Thorough:
    """An intervention that changes nothing: while there is one, no op takes the short way around `op.apply`."""

    def leaf(self, tensor: Any) -> None:
        """Nothing to change."""

    def before_op(self, op: Any, inputs: tuple[Any, ...], grad_enabled: bool) -> tuple[tuple[Any, ...], bool]:
        """Nothing to change."""
        return inputs, grad_enabled


_THOROUGH = _Thorough()


def watch_nodes() -> None:
    """Let every op go the general way while anomaly mode or saved-tensor hooks want to see each node."""
    if anomaly or saved_hooks:
        if events.intervention is None:
            events.intervention = _THOROUGH
    elif events.intervention is _THOROUGH:
        events.intervention = None


def set_anomaly(enabled: bool, nan: bool = True) -> None:
    """Turn anomaly mode on or off."""
    global anomaly, check_nan
    anomaly, check_nan = enabled, nan
    watch_nodes()


def set_saved_hooks(hooks: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...]) -> None:
    """Replace the stack of saved-tensor hooks."""
    global saved_hooks
    saved_hooks = hooks
    watch_nodes()


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """A warning that names the line of the script, however deep in the engine it comes up."""
    home, level, frame = __file__.rpartition("/")[0], 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(home):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


def warn_once(text: str, about: str = "", category: type[Warning] = UserWarning) -> None:
    """A warning that PyTorch gives once a process, or at a line of its own; of warnings `about` one thing, the first alone."""
    if (about or text) not in told_once:
        told_once.add(about or text)
        warn(text, category)


def where() -> list[str]:
    """The place of the program that runs now, as lines of a traceback: from the script's own level down to the call."""
    home = __file__.rpartition("/")[0]
    frames: list[traceback.FrameSummary] = []
    for frame in reversed(traceback.extract_stack()):
        if frame.filename.startswith(home):
            continue
        frames.append(frame)
        if frame.name == "<module>":
            break
    return traceback.StackSummary.from_list(frames[::-1]).format()


@contextmanager
def transform() -> Iterator[None]:
    """Around the calls of a function that one of torch.func's transforms makes another of."""
    global transforms
    transforms += 1
    try:
        yield
    finally:
        transforms -= 1


def reset() -> None:
    """Back to the modes of a fresh process: a script may end inside a mode that it set by a call."""
    global grad, inference, hooks_refused, autocast, transforms
    grad, inference, hooks_refused, transforms = True, False, "", 0
    if autocast is not None:
        events.intervention, autocast = autocast.under, None
    set_anomaly(False)
    set_saved_hooks(())
    told_once.clear()
