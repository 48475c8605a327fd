"""Remedies of arguments: a call that is given another one, a function that is given one more, a sign that is written otherwise."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..diagnosis import Fix
from ..script.syntax import unparse, walk

if TYPE_CHECKING:
    from .text import Text

_CLAMPS = frozenset({"clamp", "clamp_", "clip", "clip_"})
_BOUNDS = re.compile(r"\((-[\d.e+-]+, [\d.e+-]+)\)")
_DEFAULT = re.compile(r"\b(\w+)=\1\b")


def bounded_on_both_sides(text: Text, line: int, advice: str) -> Fix | None:
    """A clamp of a gradient with both bounds."""
    bounds = _BOUNDS.search(advice)
    for call in text.calls(line):
        name = unparse(call.func).split(".")[-1]
        if bounds is None or name not in _CLAMPS:
            continue
        whose = f"{text.within(call.args[0])}, " if unparse(call.func).startswith("torch.") and call.args else ""
        return text.put(call, f"{unparse(call.func)}({whose}{bounds[1]})")
    return None


def with_name_of_its_turn(text: Text, line: int, advice: str) -> Fix | None:
    """A function that is made in a loop, with the loop's name as a default: that is looked at when the function is made."""
    name = _DEFAULT.search(advice)
    if name is None:
        return None
    for node in walk(text.tree):
        if isinstance(node, ast.Lambda) and node.lineno == line:
            given = unparse(node.args)
            return text.put(node, f"lambda {given}{', ' * bool(given)}{name[0]}: {text.within(node.body)}")
    old = text.line(line)
    new = re.sub(r"\(\s*(.*?)\s*\)(\s*(?:->[^:]+)?:\s*)$", lambda part: f"({part[1]}{', ' * bool(part[1])}{name[0]}){part[2]}", old)
    return Fix(line, old, new) if old.lstrip().startswith("def ") and new != old else None


def along_the_last(text: Text, line: int, _advice: str) -> Fix | None:
    """normalize(x, dim=-1)."""
    for call in text.calls(line):
        if unparse(call.func).split(".")[-1] != "normalize" or not call.args:
            continue
        rest = [f"{word.arg}={text.within(word.value)}" for word in call.keywords if word.arg not in ("dim", None)]
        given = [text.within(each) for each in call.args[:2]]
        return text.put(call, f"{unparse(call.func)}({', '.join([*given, 'dim=-1', *rest])})")
    return None


def flag_by_name(text: Text, line: int, _advice: str) -> Fix | None:
    """LeakyReLU(inplace=True)."""
    for call in text.calls(line):
        if unparse(call.func).split(".")[-1] == "LeakyReLU" and [unparse(each) for each in call.args] == ["True"]:
            return text.put(call, f"{unparse(call.func)}(inplace=True)")
    return None


def counted_from_one(text: Text, line: int, _advice: str) -> Fix | None:
    """1 - mask in the place of ~mask."""
    found = [node for node in walk(text.tree) if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert) and node.lineno == line]
    return text.put(found[0], f"(1 - {text.within(found[0].operand)})") if len(found) == 1 else None


def in_their_order(text: Text, line: int, _advice: str) -> Fix | None:
    """The betas of Adam, exchanged."""
    for node in walk(text.tree):
        if isinstance(node, ast.Tuple | ast.List) and node.lineno == line and len(node.elts) == 2 and "betas" in text.line(line):
            one, other = (text.within(each) for each in node.elts)
            return text.put(node, f"[{other}, {one}]" if isinstance(node, ast.List) else f"({other}, {one})")
    return None


def other_extreme(text: Text, line: int, advice: str) -> Fix | None:
    """min in the place of max, or max in the place of min."""
    wanted = re.search(r"torch\.(max|min)\(", advice)
    old = text.line(line)
    other = {"max": "min", "min": "max"}[wanted[1]] if wanted is not None else ""
    new = re.sub(rf"\b{other}(imum)?\(", lambda found: f"{wanted[1] if wanted else ''}{found[1] or ''}(", old, count=1) if other else old
    return Fix(line, old, new) if new != old else None


def along_the_keys(text: Text, line: int, advice: str) -> Fix | None:
    """A mask of (samples, places) that is laid along the last dimension of the scores."""
    old = text.line(line)
    new = re.sub(r"\.unsqueeze\((?:2|-1)\)|\[:, :, None\]", ".unsqueeze(1)", old, count=1)
    return Fix(line, old, new) if "mask.unsqueeze(1)" in advice and new != old else None


def copied_first(text: Text, line: int, advice: str) -> Fix | None:
    """A copy of what a backward() is given, before it writes into it."""
    name = re.search(r"\b(\w+) = \1\.clone\(\)", advice)
    return text.before(line, name[0]) if name is not None else None


def cut_along_the_places(text: Text, line: int, _advice: str) -> Fix | None:
    """batch[:, :-1] and batch[:, 1:]."""
    old = text.line(line)
    new = old.replace("[:-1]", "[:, :-1]").replace("[1:]", "[:, 1:]")
    return Fix(line, old, new) if "[:-1]" in old and "[1:]" in old else None


def added(text: Text, line: int, _advice: str) -> Fix | None:
    """A margin that is added to a difference, in the place of subtracted."""
    for node in walk(text.tree):
        taken = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and node.lineno == line
        if taken and isinstance(node, ast.BinOp) and not isinstance(text.parent.get(node), ast.BinOp):
            return text.put(node, f"{text.within(node.left)} + {text.within(node.right)}")
    return None


def asked_for_zero(text: Text, line: int, _advice: str) -> Fix | None:
    """if (i + 1) % k == 0."""
    stmt = text.statement(line)
    test = stmt.test if isinstance(stmt, ast.If) else None
    inner = test.left if isinstance(test, ast.Compare) else test
    return text.put(test, f"{text.within(inner)} == 0") if test is not None and inner is not None else None


def divided_exactly(text: Text, line: int, _advice: str) -> Fix | None:
    """step / warmup in the place of step // warmup."""
    old = text.line(line)
    return Fix(line, old, old.replace("//", "/")) if old.count("//") == 1 else None


def both_softened(text: Text, line: int, _advice: str) -> Fix | None:
    """The temperature of the one softmax at the other one as well."""
    made = [
        node
        for node in walk(text.tree)
        if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] in ("softmax", "log_softmax") and node.args
    ]
    soft = [call.args[0] for call in made if isinstance(call.args[0], ast.BinOp) and isinstance(call.args[0].op, ast.Div)]
    plain = [call.args[0] for call in made if call.lineno == line and call.args[0] not in soft]
    if (
        len({unparse(each.right) for each in soft if isinstance(each, ast.BinOp)}) != 1
        or len(plain) != 1
        or not isinstance(soft[0], ast.BinOp)
    ):
        return None
    return text.put(plain[0], f"{text.within(plain[0])} / {text.within(soft[0].right)}")


def started_at_random(text: Text, line: int, _advice: str) -> Fix | None:
    """An initialisation that makes units differ, in the place of one number for all."""
    old = text.line(line)
    new = re.sub(r"\binit\.(?:constant_|zeros_|ones_)\(\s*([\w.]+)[^()]*\)", r"init.xavier_uniform_(\1)", old, count=1)
    new = re.sub(r"(Parameter\(\s*)torch\.(?:zeros|ones)(\([\w\s,.]*\))", r"\1torch.randn\2 * 0.1", new, count=1)
    return Fix(line, old, new) if new != old else None
