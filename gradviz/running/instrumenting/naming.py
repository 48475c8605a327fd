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

from engine import events
from engine.nn.modules.module import Module
from engine.optim.optimizer import Optimizer
from engine.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FrameType

    from ...recording.recorder.recorder import Recorder

_MOST = 256  # entries of a list that are looked at
_OF_A_MODULE, _ARGUMENT = -1, 1 << 30  # depths: one that no function undercuts, and one that each does


class Naming:
    """Tells a recorder the names of what a script binds, passes and keeps."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._named: weakref.WeakSet[Module] = weakref.WeakSet()  # whose parameters have names
        self._latest = (0, -1)  # line and site of the tensor that was bound last
        self._variables: set[str] = set()  # that were bound to tensors
        self._owners: dict[str, dict[int, tuple[int, str]]] = {}  # name in a module -> sites -> how deep in calls which variable had it
        self._apart: dict[int, str] = {}  # site -> the longer name that tells it from that of another module
        self._namers: dict[int, tuple[int, CodeType | None]] = {}  # site -> how deep in calls, and where, its name was given

    def bind(self, name: str, value: Any, line: int, passing: bool = False) -> None:
        """`name = value`; `passing`: a loop has the name for one thing after the other."""
        if events.watcher is None:  # unwatched: tensors that no event has told of
            return
        if isinstance(value, Tensor):
            self._variables.add(name)
            place = (line, self._recorder.site_of(value))  # of `values, indices = x.max(0)` the first names the node
            another = (place != self._latest or place[1] < 0) and not (passing and self._name(value))
            namer = self._namer(place[1], sys._getframe(1)) if another else None
            self._recorder.bind_name(name, value, line, rename=namer is not None)
            if namer is not None:
                self._namers[self._recorder.site_of(value)] = namer
            self._latest = place
        elif isinstance(value, Module):
            depth = _depth(sys._getframe(1))
            for within, parameter in _parameters(value):
                shorter = self._name(parameter).endswith(f".{within}")  # a layer of a model that has a name itself
                self._parameter(within, parameter, line, name, depth, rename=not shorter)
            self._named.add(value)
        elif isinstance(value, Optimizer):
            self._recorder.states.name(value, name)
        elif isinstance(value, (list, tuple, dict)):
            self._contents(name, value, line)

    def given(self, names: tuple[str, ...], line: int, *values: Any) -> None:
        """A function was called with these arguments."""
        if events.watcher is None:  # unwatched: tensors that no event has told of
            return
        for name, value in zip(names, values, strict=True):
            if isinstance(value, (Module, Tensor)):
                self._nameless(name, value, line)

    def attribute(self, name: str, owner: Any, line: int) -> None:
        """`owner.name = ...`. What a module holds is named when the module is, but not what it does not know: tensors, layers in lists."""
        if isinstance(owner, Tensor) or events.watcher is None:
            return
        value = getattr(owner, "__dict__", {}).get(name)
        if isinstance(value, Optimizer):
            self._recorder.states.name(value, name)
        elif isinstance(value, (Module, Tensor)):
            self._nameless(name, value, line)
        elif isinstance(value, (list, tuple, dict)):
            self._contents(name, value, line, f"{name}." if isinstance(owner, Module) else "")

    def entry(self, name: str, owner: Any, attribute: str | None, key: Any, line: int) -> None:
        """`name[key] = ...`, or an append, for which the key is -1; of a list or dict that is an attribute, if one is named."""
        if events.watcher is None:  # unwatched: tensors that no event has told of
            return
        held = owner if attribute is None else getattr(owner, "__dict__", {}).get(attribute)
        if type(held) is list and type(key) is int and -len(held) <= key < len(held):
            self._entry(name, key % len(held), held[key], line)
        elif type(held) is dict and isinstance(key, (str, int)) and key in held:
            self._entry(name, key, held[key], line)

    def _contents(self, name: str, values: list[Any] | tuple[Any, ...] | dict[Any, Any], line: int, before: str = "") -> None:
        pairs: Iterable[tuple[Any, Any]] = values.items() if isinstance(values, dict) else enumerate(values)
        for key, value in islice(pairs, _MOST):
            if isinstance(key, (str, int)):
                self._entry(name, key, value, line, before)

    def _entry(self, name: str, key: str | int, value: Any, line: int, before: str = "") -> None:
        if isinstance(value, Module):
            self._nameless(name, value, line, f"{before}{key}.")
        elif isinstance(value, Tensor):
            self._nameless(f"{name}[{key!r}]", value, line)

    def _nameless(self, name: str, value: Module | Tensor, line: int, prefix: str = "") -> None:
        """Name a leaf, or the parameters of a module, where they have no name, or one that says less."""
        if isinstance(value, Tensor):
            site = self._recorder.site_of(value) if value._node is None else -1
            # a result that is passed on at once is no variable of that name that the script has, too
            if site >= 0 and not self._name(value) and (name not in self._variables or self._recorder.sites.all[site].role == "leaf"):
                self._recorder.bind_name(name, value, line)
            return
        if value in self._named or "_parameters" not in value.__dict__:  # its __init__ has only begun
            return
        for within, parameter in _parameters(value, prefix.rstrip(".")):
            known = self._name(parameter)
            if not known or within.endswith(f".{known}"):
                self._parameter(within, parameter, line, name, _ARGUMENT)
        if not prefix:
            self._named.add(value)

    def _parameter(self, within: str, parameter: Tensor, line: int, owner: str, depth: int, rename: bool = True) -> None:
        """A parameter has the name that its module has for it; where two modules have the same, with that of the module before it."""
        self._recorder.bind_name(within, parameter, line, owner=owner, rename=rename)
        site = self._recorder.site_of(parameter)
        self._namers[site] = (_OF_A_MODULE, None)
        alike = self._owners.setdefault(within, {})
        if depth < alike[site][0] if site in alike else rename:
            alike[site] = (depth, owner)
            if len({variable for _, variable in alike.values()}) > 1:
                self._tell_apart(within, alike)

    def _tell_apart(self, within: str, alike: dict[int, tuple[int, str]]) -> None:
        for site, (_, owner) in alike.items():
            if self._recorder.sites.all[site].name in (within, self._apart.get(site)):  # else it is a part of something larger by now
                self._apart[site] = f"{owner}.{within}"
                self._recorder.sites.set_name(site, self._apart[site])

    def _namer(self, site: int, frame: FrameType) -> tuple[int, CodeType | None] | None:
        """Who names a site by a variable of `frame`; None where the name that it has stays."""
        known = self._namers.get(site)
        code = frame.f_code
        if known is not None and known[1] is code:  # nearly always: the next turn of a loop
            return None
        depth = _depth(frame)
        return (depth, code) if known is None or depth < known[0] else None

    def _name(self, tensor: Tensor) -> str:
        site = self._recorder.site_of(tensor)
        return self._recorder.sites.all[site].name if site >= 0 else ""


def _parameters(module: Module, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """The parameters of a module by their names; torch.compile puts a module around it that nobody thinks of."""
    for name, parameter in module.named_parameters(prefix=prefix):
        yield name.replace("_orig_mod.", ""), parameter


def _depth(frame: FrameType) -> int:
    """How many calls lead to a frame."""
    depth, outer = 0, frame.f_back
    while outer is not None:
        depth, outer = depth + 1, outer.f_back
    return depth
