"""A layer that is one function with options: one row each.

Activations, losses, paddings and most pools have no parameters; all that is to be said of one is its function,
its options with their defaults, and what it prints. `layer` makes the class from that.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, ClassVar

from .. import functional
from .module import Module

REQUIRED = inspect.Parameter.empty


# functions that PyTorch's layers give their options without names, which its parser tells
_IN_ORDER = frozenset(("avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d", "hardshrink", "softshrink", "softplus"))


class RowLayer(Module):
    """Base of the layers that `layer` makes.

    Attributes:
        function: name of the function in torch.nn.functional.
        options: name -> default (REQUIRED where there is none), in the order of the constructor.
        passed: the options that the function gets.
        shows: format of `extra_repr`, with the options' names; "{inplace}" prints only where it is on.
        buffers_named: options that are tensors and belong to the state (class weights).
        named_only: whether the options are given by their names alone.
        constructor: the class of PyTorch whose constructor it has, where that is a base: it stands in Python's errors.
    """

    function: ClassVar[str]
    options: ClassVar[Mapping[str, Any]]
    passed: ClassVar[tuple[str, ...]]
    shows: ClassVar[str]
    buffers_named: ClassVar[frozenset[str]]
    constructor: ClassVar[str] = ""
    named_only: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        Module.__init__(self)
        for name, value in self._bound(args, kwargs).items():
            if name in self.buffers_named:
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)
        self.completed()

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The options with what the caller gave; Python's own words where that does not fit."""
        names = list(self.options)
        title = f"{self.constructor or type(self).__name__}.__init__()"
        bound = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.options:
                raise TypeError(f"{title} got an unexpected keyword argument '{name}'")
            if name in bound:
                raise TypeError(f"{title} got multiple values for argument '{name}'")
            bound[name] = value
        if len(args) > len(names) or (args and self.named_only):
            if self.named_only:
                names = []
            least, most = 1 + sum(default is REQUIRED for default in self.options.values()), 1 + len(names)
            span = f"from {least} to {most}" if least < most else f"{most}"
            raise TypeError(f"{title} takes {span} positional argument{'s' * (most > 1)} but {len(args) + 1} were given")
        missing = [f"'{n}'" for n, default in self.options.items() if n not in bound and default is REQUIRED]
        if missing:
            listed = missing[0] if len(missing) == 1 else ", ".join(missing[:-1]) + " and " + missing[-1]
            raise TypeError(f"{title} missing {len(missing)} required positional argument{'s' * (len(missing) > 1)}: {listed}")
        return {n: bound.get(n, default) for n, default in self.options.items()}

    def completed(self) -> None:
        """Called when the options stand; a row may fill in what follows from them."""

    def compute(self, *inputs: Any) -> Any:
        """What forward does, whose parameters `layer` names."""
        function = getattr(functional, self.function)
        if self.function in _IN_ORDER:
            return function(*inputs, *(getattr(self, n) for n in self.passed))
        return function(*inputs, **{n: getattr(self, n) for n in self.passed}) if self.passed else function(*inputs)

    def extra_repr(self) -> str:
        options = {n: getattr(self, n, None) for n in self.options}
        text = self.shows.replace("{inplace}", "inplace=True" if options.get("inplace") else "").format(**options)
        return text.strip(", ")


_FORWARDS: tuple[Callable[..., Any], ...] = (
    lambda self, a: self.compute(a),
    lambda self, a, b: self.compute(a, b),
    lambda self, a, b, c: self.compute(a, b, c),
    lambda self, a, b, c, d: self.compute(a, b, c, d),
)


def _forward(name: str, inputs: tuple[str, ...]) -> FunctionType:
    """The forward of a class with PyTorch's names of its parameters, which Python's own errors tell."""
    code = _FORWARDS[len(inputs) - 1].__code__.replace(co_varnames=("self", *inputs))
    made = FunctionType(code, globals(), "forward")
    made.__qualname__ = f"{name}.forward"
    return made


def layer(
    module: str,
    name: str,
    function: str,
    doc: str,
    options: Mapping[str, Any] | None = None,
    *,
    shows: str = "",
    hidden: tuple[str, ...] = (),
    buffers: tuple[str, ...] = (),
    base: type[RowLayer] = RowLayer,
    inputs: tuple[str, ...] = ("input",),
) -> type[RowLayer]:
    """The class of a layer.

    Args:
        module: `__name__` of the file that holds it, so that it can be pickled.
        hidden: options that the function does not get.
        buffers: options that are tensors of the state.
        inputs: what forward gets.
    """
    options = options or {}
    body: dict[str, Any] = {
        "__doc__": doc, "__module__": module, "function": function, "options": options, "shows": shows,
        "passed": tuple(n for n in options if n not in hidden), "buffers_named": frozenset(buffers),
    }  # fmt: skip
    if base.forward is Module.forward:
        body["forward"] = _forward(name, inputs)
    return type(name, (base,), body)
