"""Calls: an op of a step that was foretold is compared and noted by a function of its own.

Nearly all ops of a step have one output, and inputs of a few kinds. For each mixture of kinds the function is written and compiled
once; what differs from place to place stands in its closure. It changes nothing before everything was compared, so that
what it does not know goes to `Follower._compared`, which says what a call means.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine import modes

from ..values import LONG

# What is looked at for the template of an op: nothing, one number, all that is no tensor.
SAME, NUMBER, ALL = range(3)

Follow = Callable[[Any, Sequence[Any], dict[str, Any], tuple[Any, ...]], bool]


class Call(NamedTuple):
    """What is expected of an op.

    Attributes:
        depth, code, lasti, outer: where in the script: the frame under the method that is told, its instruction, and the frames around it.
        counted: the cell of `Sites.counts` and what stands there, where that must be looked at op by op.
        ins: for each input a tensor of this step, one from before with its AccumulateGrad, or None: a number.
        constant: which input the only number is, its type, the number, and the template with it.
        call, number: of what it makes, less those at the start of the step.
        site, place: of what it makes.
        tracked: it makes a node.
        cell, occurrence: as `counted`, looked at or not.
        mode: SAME, NUMBER or ALL.
        reads: how many tensors it reads.
        versioned: for each output whether it has a version, as views have.
        hooked: hooks get what it saves.
        settings, template: its params when it was learned, None where they are not all simple.
    """

    depth: int
    code: Any
    lasti: int
    outer: tuple[tuple[int, Any, int], ...]
    counted: tuple[int, int] | None
    ins: tuple[Any, ...]
    constant: tuple[int, type, Any, int] | None
    number: int
    call: int
    site: int
    place: int
    tracked: bool
    cell: int
    occurrence: int
    mode: int
    reads: int
    versioned: tuple[bool, ...]
    hooked: bool
    settings: dict[str, Any] | None
    template: int | None

    def follow(self, op: Any) -> Follow | None:
        """(follower, inputs, params, outputs) -> whether it is as foretold; then it is noted. None where that must be asked in full."""
        if self.counted is not None or len(self.versioned) != 1 or op.variadic or self.hooked:
            return None
        kinds = tuple(map(_kind, self.ins))
        params = self.settings if self.settings is not None and kinds.count("number") == (self.constant is not None) else None
        named = None if params is None else tuple(params)
        make = _maker(kinds, named, self.mode != SAME, self.versioned[0], self.tracked, bool(self.outer), op.view)
        numbers: list[Any] = []
        for item in self.ins:
            numbers += (None, None) if item is None else (item, None) if item.__class__ is int else item
        where, kind, setting, template = self.constant or (0, None, None, self.template)
        follow: Follow = make(self, op, where, kind, setting, template, list((params or {}).values()), numbers)
        return follow


def _kind(item: Any) -> str:
    if item is None:
        return "number"
    if item.__class__ is int:
        return "own"
    return ("leaf" if item[1] is not None else "old") + ("" if item[0] < 0 else " near")


@functools.lru_cache(maxsize=1024)
def _maker(
    kinds: tuple[str, ...], params: tuple[str, ...] | None, templated: bool, versioned: bool, tracked: bool, deep: bool, view: bool
) -> Callable[..., Follow]:
    """Makes the functions of calls that have such inputs and so on; `params` is None where their template is looked up."""
    names = [f"x{k}" for k in range(len(kinds))]
    lines = [
        "def make(this, op, where, kind, setting, template, settings, numbers):",
        " code, lasti, outer, depth = this.code, this.lasti, this.outer, this.depth + 1",
        " number, site, place, own, reads = this.number, this.site, this.place, this.call, this.reads",
        *(f" n{k}, b{k} = numbers[{2 * k}], numbers[{2 * k + 1}]" for k in range(len(kinds))),
        *(f" s{k}, k{k} = settings[{k}], settings[{k}].__class__" for k in range(len(params or ()))),
        " def follow(me, inputs, params, outputs):",
        "  values = me._values",
        "  try:",
        "   frame = getframe(depth)",
        "   if frame.f_lasti != lasti or frame.f_code is not code" + (" or not led(outer, 2)" if deep else "") + ": return False",
        f"   {', '.join(names)}, = inputs" if names else "   if inputs: return False",
        "   output, = outputs",
        "   base, writes = me._tensor, values.foreign_writes",
    ]
    gathered = []
    for k, kind in enumerate(kinds):
        if kind == "own":
            lines.append(f"   if x{k}._mark[0] - base != n{k}: return False")
        elif kind != "number":
            which = f"m{k}[0] - base" if kind.endswith("near") else f"~m{k}[0]"
            lines += [
                f"   m{k} = x{k}._mark",
                f"   v{k} = m{k}[2]",
                f"   if v{k} != x{k}._storage.version or m{k}[3] != writes or {which} != n{k}: return False",
                f"   if x{k}._node is None and x{k}._requires_grad: return False"
                if kind.startswith("old")
                else f"   if x{k}._accumulator is not b{k} or not x{k}._requires_grad: return False",
            ]
            gathered += [f"v{k}", f"m{k}[1]"]
    for k, name in enumerate(params or ()):
        lines += [f"   p{k} = params[{name!r}]", f"   if p{k} is not s{k} and (p{k}.__class__ is not k{k} or p{k} != s{k}): return False"]
    lines += [
        "  except (AttributeError, TypeError, ValueError, KeyError): return False",
        "  node = output._node",
        f"  if node is {'' if tracked else 'not '}None or modes.saved_hooks: return False",
    ]
    version = "0"
    if versioned or view:
        version = "version"
        lines.append("  version = output._storage.version")
        if not versioned:
            lines.append("  if version: return False")
    if params is not None:
        lines.append(f"  if len(params) != {len(params)}: return False" if params else "  if params: return False")
        at = kinds.index("number") if "number" in kinds else None
        if at is not None:
            lines.append(f"  if x{at} is not setting and (x{at}.__class__ is not kind or x{at} != setting): return False")
    else:
        lines.append("  template = me._template(op, inputs, params, node, site, reads)")
    gathered += (["template"] if templated else []) + (["version"] if versioned else [])
    lines += [
        "  gather = me._gather",
        *(f"  gather({each})" for each in gathered),
        "  array = output._data",
        "  numbers = values.numbers",
        "  value = numbers.get(id(array))",
        "  if value is None:",  # as in `Values.number`
        "   value = values.count",
        "   me._pend(array)",
        "   values.count = value + 1",
        "   numbers[id(array)] = value",
        "   if numbers is not values.numbers: values.late(array, value)",
        "   if array.size > LONG or array.base is not None: values.note(array, value)",
        "  gather(value)",
        f"  output._mark = [base + number, value, {version}, writes]",
        "  me._put(site)",
        "  call = me._call + own",
        "  recorder = me._recorder",
        "  recorder._calls = call + 1",
    ]
    if tracked:
        lines += ["  node._mark = [call, site, me._turn, place]", "  recorder._last_outputs = outputs"]
    lines += ["  return True", " return follow"]
    known: dict[str, Any] = {"getframe": sys._getframe, "led": led, "modes": modes, "LONG": LONG}
    exec(compile("\n".join(lines), f"{__file__}:call", "exec"), known)
    make: Callable[..., Follow] = known["make"]
    return make


def led(outer: tuple[tuple[int, Any, int], ...], below: int = 1) -> bool:
    """Whether the method that was told stands below these frames of the script; `below`: so many calls under it."""
    for depth, code, lasti in outer:
        frame = sys._getframe(depth + below)
        if frame.f_lasti != lasti or frame.f_code is not code:
            return False
    return True
