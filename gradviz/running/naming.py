"""What the tensors of a script are called: by its variables, and parameters as `named_parameters` calls them.

A variable says most. Where a module or a leaf has none, because it was passed on at once, stands in a list or in an attribute, the
argument, the place in the list or the attribute names it. No name that is there already gives way to one that says less: of several
variables the first says most (`h = w` and a loop over the parameters bind others), but where a function returns what it made, that of
the caller does.
"""

from __future__ import annotations

import sys
import weakref
from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.nn.module import Module
from engine.optim.optimizer import Optimizer
from engine.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FrameType

    from ..recording.recorder import Recorder

_MOST = 256  # entries of a list that are looked at
_OF_A_MODULE = -1  # a depth that no function undercuts


class Naming:
    """Tells a recorder the names of what a script binds, passes and keeps."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._named: weakref.WeakSet[Module] = weakref.WeakSet()  # whose parameters have names
        self._latest = (0, -1)  # line and site of the tensor that was bound last
        self._namers: dict[int, tuple[int, CodeType | None]] = {}  # site -> how deep in calls, and where, its name was given

    def bind(self, name: str, value: Any, line: int, passing: bool = False) -> None:
        """`name = value`; `passing`: a loop has the name for one thing after the other."""
        if isinstance(value, Tensor):
            place = (line, self._recorder.site_of(value))  # of `values, indices = x.max(0)` the first names the node
            another = (place != self._latest or place[1] < 0) and not (passing and self._name(value))
            namer = self._namer(name, place[1], sys._getframe(1)) if another else None
            self._recorder.bind_name(name, value, line, rename=namer is not None)
            if namer is not None:
                self._namers[self._recorder.site_of(value)] = namer
            self._latest = place
        elif isinstance(value, Module):
            for within, parameter in value.named_parameters():
                shorter = self._name(parameter).endswith(f".{within}")  # a layer of a model that has a name itself
                self._parameter(within, parameter, line, name, rename=not shorter)
            self._named.add(value)
        elif isinstance(value, Optimizer):
            self._recorder.states.name(value, name)
        elif isinstance(value, (list, tuple, dict)):
            self._contents(name, value, line)

    def given(self, names: tuple[str, ...], line: int, *values: Any) -> None:
        """A function was called with these arguments."""
        for name, value in zip(names, values, strict=True):
            if isinstance(value, (Module, Tensor)):
                self._nameless(name, value, line)

    def attribute(self, name: str, owner: Any, line: int) -> None:
        """`owner.name = ...`. What a module holds is named when the module is."""
        if isinstance(owner, (Module, Tensor)):
            return
        value = getattr(owner, "__dict__", {}).get(name)
        if isinstance(value, Optimizer):
            self._recorder.states.name(value, name)
        elif isinstance(value, (Module, Tensor)):
            self._nameless(name, value, line)
        elif isinstance(value, (list, tuple, dict)):
            self._contents(name, value, line)

    def entry(self, name: str, owner: Any, attribute: str | None, key: Any, line: int) -> None:
        """`name[key] = ...`, or an append, for which the key is -1; of a list or dict that is an attribute, if one is named."""
        held = owner if attribute is None else getattr(owner, "__dict__", {}).get(attribute)
        if type(held) is list and type(key) is int and -len(held) <= key < len(held):
            self._entry(name, key % len(held), held[key], line)
        elif type(held) is dict and isinstance(key, (str, int)) and key in held:
            self._entry(name, key, held[key], line)

    def _contents(self, name: str, values: list[Any] | tuple[Any, ...] | dict[Any, Any], line: int) -> None:
        pairs: Iterable[tuple[Any, Any]] = values.items() if isinstance(values, dict) else enumerate(values)
        for key, value in islice(pairs, _MOST):
            if isinstance(key, (str, int)):
                self._entry(name, key, value, line)

    def _entry(self, name: str, key: str | int, value: Any, line: int) -> None:
        if isinstance(value, Module):
            self._nameless(name, value, line, f"{key}.")
        elif isinstance(value, Tensor):
            self._nameless(f"{name}[{key!r}]", value, line)

    def _nameless(self, name: str, value: Module | Tensor, line: int, prefix: str = "") -> None:
        """Name a leaf, or the parameters of a module, where they have no name, or one that says less."""
        if isinstance(value, Tensor):
            if value._node is None and self._recorder.site_of(value) >= 0 and not self._name(value):
                self._recorder.bind_name(name, value, line)
            return
        if value in self._named or "_parameters" not in value.__dict__:  # its __init__ has only begun
            return
        for within, parameter in value.named_parameters(prefix=prefix.rstrip(".")):
            known = self._name(parameter)
            if not known or within.endswith(f".{known}"):
                self._parameter(within, parameter, line, name)
        if not prefix:
            self._named.add(value)

    def _parameter(self, within: str, parameter: Tensor, line: int, owner: str, rename: bool = True) -> None:
        """A parameter has the name that its module has for it, and no variable takes it away."""
        self._recorder.bind_name(within, parameter, line, owner=owner, rename=rename)
        self._namers[self._recorder.site_of(parameter)] = (_OF_A_MODULE, None)

    def _namer(self, name: str, site: int, frame: FrameType) -> tuple[int, CodeType | None] | None:
        """Who names a site by a variable of `frame`; None where the name that it has stays."""
        known = self._namers.get(site)
        code = frame.f_code
        if known is not None and known[1] is code:  # nearly always: the next turn of a loop
            return None
        depth, outer = 0, frame.f_back
        while outer is not None:
            depth, outer = depth + 1, outer.f_back
        return (depth, code) if known is None or depth < known[0] else None

    def _name(self, tensor: Tensor) -> str:
        site = self._recorder.site_of(tensor)
        return self._recorder.sites.all[site].name if site >= 0 else ""
