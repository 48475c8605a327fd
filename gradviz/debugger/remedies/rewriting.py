"""Remedies of whole statements: taken away, joined to the one before, written in place, copied or listed."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..diagnosis import Fix
from ..script.syntax import unparse, walk

if TYPE_CHECKING:
    from .text import Text


def left_away(text: Text, line: int, advice: str) -> Fix | None:
    """A statement of one line that does harm, and nothing else."""
    stmt = text.statement(line)
    alone = isinstance(stmt, ast.Expr) and stmt.end_lineno == line and not advice.startswith("Give each")
    return _without_line(text, line) if alone and line < len(text.lines) else None


def _without_line(text: Text, line: int) -> Fix:
    """A change shows the line behind the one that goes."""
    return Fix(line, f"{text.line(line)}\n{text.line(line + 1)}", text.line(line + 1))


def joined_to_the_sum(text: Text, line: int, _advice: str) -> Fix | None:
    """The second half of a sum, behind the first."""
    before, old = text.line(line - 1), text.line(line)
    return Fix(line - 1, f"{before}\n{old}", f"{before.split('  #')[0].rstrip()} {old.strip()[0]} {old.strip()[1:].lstrip()}")


def without_factor(text: Text, line: int, _advice: str) -> Fix | None:
    """A loss without the division that comes last; without the line, where that is all it does."""
    stmt = text.statement(line)
    value = stmt.value if isinstance(stmt, ast.Assign | ast.Return) else None
    scaled = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div | ast.Mult)
    if not scaled or not isinstance(value, ast.BinOp):
        return None
    if isinstance(stmt, ast.Assign) and unparse(stmt.targets[0]) == unparse(value.left) and stmt.end_lineno == line < len(text.lines):
        return _without_line(text, line)
    return text.put(value, text.within(value.left))


def copied(text: Text, line: int, advice: str) -> Fix | None:
    """copy.deepcopy() of what an assignment keeps under another name."""
    name = re.search(r"copy\.deepcopy\((\w+)\)", advice)
    stmt = text.statement(line)
    for node in walk(stmt.value) if isinstance(stmt, ast.Assign) and name is not None else ():
        if isinstance(node, ast.Name) and name is not None and node.id == name[1]:
            fix = text.put(node, name[0])
            return text.importing("copy", fix) if fix is not None else None
    return None


def listed_first(text: Text, line: int, _advice: str) -> Fix | None:
    """list() of what is used up by the first loop."""
    stmt = text.statement(line)
    return text.put(stmt.value, f"list({text.within(stmt.value)})") if isinstance(stmt, ast.Assign) else None


def written_into(text: Text, line: int, advice: str) -> Fix | None:
    """x.copy_(...) in the place of a new tensor under the name of x."""
    stmt, old = text.statement(line), text.line(line)
    told = re.search(r"([\w.\[\]]+)\.copy_\(", advice)
    if not isinstance(stmt, ast.Assign) or stmt.end_lineno != line or told is None or len(stmt.targets) != 1:
        return None
    return Fix(line, old, f"{text.indent(line)}{told[1]}.copy_({text.within(stmt.value)})")


def in_its_groups(text: Text, line: int, advice: str) -> Fix | None:
    """A learning rate that is set where the optimizer reads it."""
    told = re.search(r"for group in ([\w.]+)\.param_groups: group\[\"(\w+)\"\]", advice)
    stmt, old = text.statement(line), text.line(line)
    if told is None or not isinstance(stmt, ast.Assign) or stmt.end_lineno != line:
        return None
    indent = text.indent(line)
    return Fix(line, old, f'{indent}for group in {told[1]}.param_groups:\n{indent}    group["{told[2]}"] = {text.within(stmt.value)}')


def with_minus(text: Text, line: int, _advice: str) -> Fix | None:
    """A minus before what is returned, assigned or appended."""
    stmt = text.statement(line)
    value = stmt.value if isinstance(stmt, ast.Assign | ast.Return | ast.Expr) else None
    if isinstance(stmt, ast.Expr) and isinstance(value, ast.Call):
        appended = isinstance(value.func, ast.Attribute) and value.func.attr == "append" and len(value.args) == 1
        value = value.args[0] if appended else None
    if value is None:
        return None
    plain = isinstance(value, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return text.put(value, f"-{text.within(value)}" if plain else f"-({text.within(value)})")


def exchanged_last(text: Text, line: int, _advice: str) -> Fix | None:
    """The last two of three arguments the other way round."""
    for call in text.calls(line):
        if len(call.args) == 3 and not call.keywords:
            one, two, three = map(text.within, call.args)
            return text.put(call, f"{text.within(call.func)}({one}, {three}, {two})")
    return None


def kept(text: Text, line: int, advice: str) -> Fix | None:
    """A result that is kept: in place, where the method has a form that writes, and else under its name."""
    stmt = text.statement(line)
    call = stmt.value if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call) else None
    if call is None or not isinstance(call.func, ast.Attribute):
        return None
    owner, method = text.within(call.func.value), call.func.attr
    if ".grad" in owner and "in place" in advice:
        return text.put(call.func, f"{owner}.{method}_")
    return text.put(call, f"{owner} = {text.within(call)}")


def one_step_left(text: Text, line: int, _advice: str) -> Fix | None:
    """A return behind its loop, and not in it."""
    stmt, old = text.statement(line), text.line(line)
    loop = text.parent.get(stmt) if stmt is not None else None
    if not isinstance(stmt, ast.Return) or not isinstance(loop, ast.For | ast.While) or loop.body[-1] is not stmt or len(loop.body) < 2:
        return None
    return Fix(line, old, text.indent(loop.lineno) + old.strip())


def class_made(text: Text, line: int, _advice: str) -> Fix | None:
    """`nn.MSELoss()` where the class itself was given a name."""
    stmt = text.statement(line)
    named = isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Attribute)
    return text.put(stmt.value, f"{text.within(stmt.value)}()") if named and isinstance(stmt, ast.Assign) else None


def as_numbers(text: Text, line: int, _advice: str) -> Fix | None:
    """Bytes that are converted before they are computed with."""
    for node in walk(text.tree):
        computed = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Add | ast.Mult) and node.lineno == line
        if computed and isinstance(node, ast.BinOp) and isinstance(node.left, ast.Name):
            return text.put(node.left, f"{node.left.id}.float()")
    return None


def diagonal_out(text: Text, line: int, advice: str) -> Fix | None:
    """A line behind, which takes what is compared with itself out."""
    told = re.search(r"\w+\.fill_diagonal_\(float\(\"-inf\"\)\)", advice)
    stmt = text.statement(line)
    named = isinstance(stmt, ast.Assign) and told is not None and unparse(stmt.targets[0]) == told[0].split(".")[0]
    return text.after(line, told[0]) if named and told is not None and stmt is not None and stmt.end_lineno == line else None


def padding_ignored(text: Text, line: int, advice: str) -> Fix | None:
    """ignore_index in the loss, or where its module is made."""
    told = re.search(r"ignore_index=-?\d+", advice)
    made = [
        node
        for node in walk(text.tree)
        if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] in ("CrossEntropyLoss", "NLLLoss")
    ]
    here = [call for call in text.calls(line) if unparse(call.func).split(".")[-1] in ("cross_entropy", "nll_loss")]
    for call in (here or made)[:1] if told is not None else ():
        inside = text.within(call)
        return text.put(call, f"{inside[:-1]}{', ' * (not inside.endswith('()'))}{told[0] if told is not None else ''})")
    return None


def dropped_less(text: Text, line: int, _advice: str) -> Fix | None:
    """The share that is dropped, where the one that is kept was given."""
    old = text.line(line)
    new = re.sub(r"(Dropout\d?d?\(\s*(?:p\s*=\s*)?)(0?\.\d+)", lambda found: f"{found[1]}{round(1 - float(found[2]), 6):g}", old)
    return Fix(line, old, new) if new != old else None


def exponential_left(text: Text, line: int, _advice: str) -> Fix | None:
    """What goes into an exp() that stands twice."""
    call = next((call for call in text.calls(line) if unparse(call.func) == "torch.exp" and call.args), None)
    return text.put(call, text.within(call.args[0])) if call is not None else None
