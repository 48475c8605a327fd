"""What the names of a script stood for, and when."""

from __future__ import annotations

import ast
import difflib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...recording.event import Kind
from ...recording.location import SUB_BITS
from ..script.syntax import syntax_tree
from ..trace.optimizer_slots import bindings, read_name, slots_of

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints

_INDEX = re.compile(r"""\[(?:(\d+)|["'](\w+)["'])\]""")  # net[0].weight, nets["actor"].weight
_FIRST_STEPS = 200  # events of optimizers that are looked through for the names of what they keep


class Bindings(NamedTuple):
    """The events that bound a name, ascending, and the tensors that it stood for from there on."""

    rows: Ints
    tensors: Ints


_NONE: Ints = np.zeros(0, np.int64)
_NOTHING = Bindings(_NONE, _NONE)


class Names:
    """Which tensor a name stood for, and when.

    Parameters have the names that `named_parameters` gives them; `net.fc1.weight` and `net[0].weight`, as a script would write
    them, are those of the module that a line of the script called `net`. What an optimizer keeps for a parameter is
    `opt.state[w].momentum_buffer`.
    """

    def __init__(self, run: RecordedRun) -> None:
        self._bound: dict[str, Bindings] = {}
        self._whole: dict[str, Bindings] = {}  # with the module's name in front
        self._shown: dict[str, str] = {}  # ws[0], which is ws.0 here
        self._known: dict[str, str] = {}
        self._states: dict[str, Bindings] = {}  # of optimizers, looked up when they are asked for
        self._read = 0  # events
        self._run = run
        self.grow(run)

    def grow(self, run: RecordedRun) -> Names:
        """Read on in the same recording, which is longer now."""
        if self._read >= run.length:
            return self
        self._run = run
        self._states.clear()
        bound = np.flatnonzero(run.columns.kind[self._read :] == int(Kind.BIND_NAME)) + self._read
        self._read = run.length
        count = len(self._bound) + len(self._whole)
        if len(bound):
            self._take(run, bound)
        if len(self._bound) + len(self._whole) > count:
            self._known.clear()
        return self

    def _take(self, run: RecordedRun, bound: Ints) -> None:
        """Read events that bind names, all with one name at a time: a long run has a hundred thousand."""
        recording, lines = run.recording, run.columns.line[bound]
        details, locations = recording.told(bound)
        tensors = locations >> SUB_BITS
        modules = _assigned(recording.source)
        kinds, which = np.unique(details << 32 | lines, return_inverse=True)  # what is bound, and where
        groups: dict[str, tuple[dict[str, Bindings], list[int]]] = {}
        for number, kind in enumerate(kinds.tolist()):
            detail, line = recording.always(kind >> 32), kind & 0xFFFFFFFF
            shown = str(detail.get("name"))
            name = _dotted(shown)
            self._shown[name] = shown
            groups.setdefault(f"= {name}", (self._bound, []))[1].append(number)
            module = str(detail.get("owner") or modules.get(line, name))
            if module != name:
                groups.setdefault(f". {module}.{name}", (self._whole, []))[1].append(number)
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(kinds) + 1))
        for key, (table, numbers) in groups.items():
            places = np.sort(np.concatenate([order[ends[k] : ends[k + 1]] for k in numbers]))
            before = table.get(key[2:], _NOTHING)
            table[key[2:]] = Bindings(np.append(before.rows, bound[places]), np.append(before.tensors, tensors[places]))

    def resolved(self, name: str) -> str:
        """The name under which the recording has a tensor that the script may call so, "" for none."""
        found = self._known.get(name)
        if found is None:
            whole = _dotted(name)
            found = whole if len(self._state(whole).rows) else self._look(whole)
            if read_name(whole) is None:  # what an optimizer keeps comes with its first step, and no binding tells of it
                self._known[name] = found
        return found

    def _state(self, name: str) -> Bindings:
        """Those of what an optimizer keeps; none for other names."""
        named = read_name(name)
        if named is None:
            return _NOTHING
        if name not in self._states:
            found: list[tuple[int, int]] = []
            for tensor in self.tensors(named.param):
                found += bindings(self._run.trace, tensor, named)
            found.sort()
            self._states[name] = Bindings(*np.array(found, np.int64).reshape(-1, 2).T)
        return self._states[name]

    def _look(self, whole: str) -> str:
        if whole in self._bound or whole in self._whole:
            return whole
        # In a function, or as `self.fc1`, a module has another name: then what comes behind it must say which it is.
        rest = whole
        while "." in rest:
            rest = rest.split(".", 1)[1]
            owners = [name for name in self._whole if name.endswith(f".{rest}")]
            if owners:
                return owners[0] if len(owners) == 1 and "." in rest else ""
        return ""

    def bindings(self, name: str) -> Bindings:
        """When the name was bound, and to what."""
        found = self.resolved(name)
        return self._bound.get(found) or self._whole.get(found) or self._state(found)

    def tensor(self, name: str, at: int) -> int | None:
        """The tensor's number, None where the name is not bound yet."""
        bound = self.bindings(name)
        number = int(np.searchsorted(bound.rows, at, side="right"))
        return int(bound.tensors[number - 1]) if number else None

    def tensors(self, name: str) -> list[int]:
        """All tensors that the name ever stood for, ascending."""
        return sorted(set(self.bindings(name).tensors.tolist()))

    def trouble(self, name: str) -> str:
        """Why a name can never stand for a tensor of this recording, "" where it can."""
        if self.resolved(name):
            return ""
        near = difflib.get_close_matches(name, (*self._bound, *self._whole, *self._kept()), 1)
        return f"The script has no tensor called {name}." + (f" Did you mean {near[0]}?" if near else "")

    @property
    def known(self) -> tuple[str, ...]:
        """All names of the recording."""
        return (*(self._shown[name] for name in self._bound), *self._kept())

    def _kept(self) -> tuple[str, ...]:
        """The names of what optimizers keep, by their first steps."""
        trace, columns = self._run.trace, self._run.columns
        titles: dict[str, None] = {}
        for row in np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))[:_FIRST_STEPS].tolist():
            step = trace.event(row)
            site = trace.site_of_tensor(trace.tensor_of(step.writes[0].location))
            name = trace.recording.sites[site].name if site >= 0 else ""
            if name:
                titles |= dict.fromkeys(slot.title(name) for slot in slots_of(trace, step))
        return tuple(titles)


def _dotted(name: str) -> str:
    """`net.0.weight` of `net[0].weight`."""
    return _INDEX.sub(lambda found: f".{found[1] or found[2]}", name) if "[" in name else name


@lru_cache(maxsize=8)
def _assigned(source: str) -> dict[int, str]:
    """For each line that binds one plain name: that name."""
    tree = syntax_tree(source)
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if len(targets) == 1 and isinstance(targets[0], ast.Name):
                found[node.lineno] = targets[0].id
    return found
