"""What a breakpoint is, and whether one makes sense."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..watch import WatchProblem, parse

KINDS = {
    "line": "line",
    "node": "node",
    "op": "every call of op",
    "write": "every write of",
    "read": "every read of",
    "change": "when this changes",
    "when": "when this becomes true",
    "event": "every event",
    "error": "every",
}
PHASES = {"both": "forward and backward", "forward": "forward", "backward": "backward"}
EVENTS = {
    "backward_begin": "backward() begins", "accumulate": ".grad is added to", "zero_grad": "zero_grad",
    "assign_grad": ".grad is assigned", "optimizer_step": "optimizer step", "inplace_write": "in-place write", "detach": "detach",
    "set_requires_grad": "requires_grad set", "hook": "hook called", "mode_enter": "grad mode entered",
    "boundary": "new step or epoch", "print": "print",
}  # fmt: skip
TROUBLES = {"error": "error", "alarm": "alarm", "lint": "line that the lint marks"}
_COUNT = re.compile(r"(==|>=|%)?\s*([1-9]\d{0,8})")
_PLACE = re.compile(r"(?:\d+\.)*[^\W\d][\w.\[\]\"']*")


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """Where `continue` stops.

    Attributes:
        kind: a key of `KINDS`.
        what: the line, the node's id, the op's name, the name of a tensor, of its `.grad` or `.requires_grad`, or of what an
            optimizer keeps, an expression of the language of watches, a key of `EVENTS`, or one of `TROUBLES`.
        phase: of an op or node: a key of `PHASES`.
        condition: an expression that must be true at the hit, "" for none.
        count: which hits count: "== 3" the third, ">= 3" or "3" from the third on, "% 3" every third; "" all.
        log: what is told instead of stopping, "{norm(w.grad)}" filled in; "" stops.
        enabled: whether it counts at all.
        after: the key of another breakpoint that must have been hit before, "" for none; that one may be off.
    """

    kind: str
    what: str
    phase: str = "both"
    condition: str = ""
    count: str = ""
    log: str = ""
    enabled: bool = True
    after: str = ""

    @property
    def key(self) -> str:
        """What tells it from the others, whatever its condition, count or log text: the place where it stops."""
        return " ".join((self.kind, self.what, *((self.phase,) if self.phase != "both" else ())))


def check(found: Breakpoint) -> None:
    """Whether a breakpoint makes sense.

    Raises:
        WatchProblem: what is wrong, in words.
    """
    what = found.what.strip()
    if found.kind in ("when", "change"):
        parse(what)
    elif found.kind in ("line", "node"):
        if not what.isdigit():
            raise WatchProblem(f"Type the number of a {found.kind}.", 0, len(what))
    elif found.kind == "op":
        if not what:
            raise WatchProblem("Type the name of an op, such as relu.")
    elif found.kind in ("read", "write"):
        if not _PLACE.fullmatch(what):
            hint = "Type the name of a tensor, of its gradient, or of what an optimizer keeps: w, w.grad, opt.state[w].exp_avg."
            raise WatchProblem(hint, 0, len(what))
    elif what not in (EVENTS if found.kind == "event" else TROUBLES):
        raise WatchProblem(f"There is no event called {what}.", 0, len(what))
    if found.condition:
        parse(found.condition)
    counted(found.count)


def counted(count: str) -> tuple[str, int]:
    """The rule of a hit count: "==", ">=" or "%", and its number.

    Raises:
        WatchProblem: it is none.
    """
    if not count.strip():
        return ">=", 1
    rule = _COUNT.fullmatch(count.strip())
    if rule is None:
        raise WatchProblem("A hit count is 3 or >= 3 (from the third on), == 3 (only the third) or % 3 (every third).", 0, len(count))
    return rule[1] or ">=", int(rule[2])


def waits_for(all_: Sequence[Breakpoint], found: Breakpoint) -> tuple[Breakpoint, ...] | None:
    """Of all breakpoints those that must be hit before, the nearest first; None where one is gone or they wait for each other."""
    chain: list[Breakpoint] = []
    while found.after:
        other = next((each for each in all_ if each.key == found.after), None)
        if other is None or other in chain:
            return None
        chain.append(other)
        found = other
    return tuple(chain)
