"""The small texts of a lesson file, taken apart: names of moments and nodes, pointers, readings."""

from __future__ import annotations

import re
import shlex
from typing import Any

from ..debugger.watch import WatchProblem
from ..debugger.watch import parse as parse_expression
from ..recording.event import Kind
from .lesson import MomentName, NodeName, Pointer, Reading
from .table import Table

KINDS = ("start", "end", *(kind.name.lower() for kind in Kind))
_MOMENT_WORDS = {"to": "to", "op": "op", "grad_fn": "grad_fn", "mode": "mode", "contains": "contains"}
_MOMENT_NUMBERS = {"line": "line", "step": "step", "epoch": "epoch", "pass": "pass_", "nth": "nth"}
_NODE_WORDS = {"op": "op", "grad_fn": "grad_fn", "kind": "kind"}
_NODE_NUMBERS = {"line": "line", "nth": "nth"}
READINGS = ("printed", "not printed", "event", "no event", "grad_fn", "gradient", "value", "count", "until", "alarm")
PASSES = re.compile(r"^(.*?)\s*([<>])\s*([-+.\deE]+)$")  # of "until": a moment, a comparison, a number
INDEX = re.compile(r"^(.*?)\s*(?:\[([-\d,\s]+)\])?$")
_READING = re.compile(rf"^({'|'.join(READINGS)})\s*:\s*(.*)$", re.DOTALL)
PICTURES = ("surface", "valley", "boundary", "ridges", "curve", "jacobian", "chain")
NODE_KINDS = ("leaf", "parameter", "op", "no_grad", "loss", "bucket")


class Names:
    """Takes texts apart; `moments` are those that the lesson gave a name of its own."""

    def __init__(self) -> None:
        self.moments: dict[str, str] = {}

    def moment(self, table: Table, key: Any, text: str) -> MomentName:
        """`kind name key=value ...`, or the name of one in [moments]."""
        whole = self.moments.get(text.strip(), text).strip()
        words, pairs = _split(table, key, whole, _MOMENT_WORDS, _MOMENT_NUMBERS)
        if not words or words[0] not in KINDS:
            table.fail(f"{text!r} names no moment: it must begin with start, end or a kind of event ({', '.join(KINDS[2:])}).", key)
        if len(words) > 2:
            table.fail(f"{text!r} names no moment: after the kind comes one name, then key=value.", key)
        return MomentName(whole, words[0], words[1] if len(words) > 1 else "", place=_place(table, key), **pairs)

    def node(self, table: Table, key: Any, text: str) -> NodeName:
        """`name key=value ...`."""
        words, pairs = _split(table, key, text, _NODE_WORDS, _NODE_NUMBERS)
        if len(words) != 1:
            table.fail(f"{text!r} names no node: it is one name, then op=, grad_fn=, kind=, line= or nth=.", key)
        if pairs.get("kind", "op") not in NODE_KINDS:
            table.fail(f"{pairs['kind']!r} is no kind of node: {', '.join(NODE_KINDS)}.", key)
        return NodeName(text.strip(), words[0], place=_place(table, key), **pairs)

    def pointer(self, table: Table, key: Any, text: str) -> Pointer:
        """`node NODE`, `edge NODE -> NODE`, `line NUMBER`, `panel NAME`, `picture KIND`."""
        kind, _, rest = text.strip().partition(" ")
        rest = rest.strip()
        if kind == "node" and rest:
            return Pointer(text, kind, (self.node(table, key, rest),))
        if kind == "edge" and rest.count("->") == 1:
            return Pointer(text, kind, tuple(self.node(table, key, part.strip()) for part in rest.split("->")))
        if kind == "line" and rest.isdigit():
            return Pointer(text, kind, line=int(rest))
        if kind == "picture" and rest.split()[:1] and rest.split()[0] in PICTURES:
            return Pointer(text, kind, panel=rest.split()[0], chosen=tuple(rest.split()[1:]))
        if kind != "panel" or not rest:
            known = "node NAME, edge NAME -> NAME, line NUMBER, panel NAME or picture " + " / ".join(PICTURES)
            table.fail(f"{text!r} points at nothing: write {known}.", key)
        return Pointer(text, kind, panel=rest)

    def reading(self, table: Table, key: Any, text: str) -> Reading:
        """An expression of the watches, `EXPRESSION | MOMENT`, or one of `READINGS` with a colon."""
        found = _READING.match(text.strip())
        if found:
            kind, body = found.group(1), found.group(2).strip()
            if not body:
                table.fail(f"{text!r} says nothing after {kind}.", key)
            if kind in ("event", "no event", "count"):
                moment = body.partition("==")[0] if kind == "count" else body
                return Reading(text, kind, body, self.moment(table, key, moment), _place(table, key))
            if kind == "until":
                passes = PASSES.match(body)
                if passes is None or not is_number(passes.group(3)):
                    table.fail(f"{text!r} says not when to stop: write until: MOMENT > NUMBER, or < NUMBER.", key)
                return Reading(text, kind, body, self.moment(table, key, passes.group(1)), _place(table, key))
            if kind in ("gradient", "value"):
                body, _, moment = (part.strip() for part in body.partition("|"))
                self.node(table, key, INDEX.sub(r"\1", body))
                return Reading(text, kind, body, self.moment(table, key, moment) if moment else None, _place(table, key))
            if kind == "grad_fn":
                self.node(table, key, body.partition("==")[0].strip())
            return Reading(text, kind, body, None, _place(table, key))
        body, bar, moment = (part.strip() for part in text.rpartition("|")) if "|" in text else (text.strip(), "", "")
        try:
            parse_expression(body)
        except WatchProblem as problem:
            table.fail(f"{body!r} cannot be read off a recording: {problem}", key)
        return Reading(text, "expression", body, self.moment(table, key, moment) if bar else None, _place(table, key))


def is_number(text: str) -> bool:
    """Whether a text is one number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _place(table: Table, key: Any) -> str:
    return f"{table.place}.{key}" if table.place else str(key)


def _split(table: Table, key: Any, text: str, words: dict[str, str], numbers: dict[str, str]) -> tuple[list[str], dict[str, Any]]:
    """Plain words, and what stands as key=value."""
    try:
        parts = shlex.split(text)
    except ValueError as problem:
        table.fail(f"{text!r} cannot be read: {problem}.", key)
    plain: list[str] = []
    pairs: dict[str, Any] = {}
    for part in parts:
        name, sign, value = part.partition("=")
        if not sign:
            plain.append(part)
        elif name in words:
            pairs[words[name]] = value
        elif name in numbers and re.fullmatch(r"-?\d+", value):
            pairs[numbers[name]] = int(value)
        else:
            table.fail(f"{part!r} in {text!r} is not understood: there are {', '.join([*words, *numbers])}.", key)
    return plain, pairs
