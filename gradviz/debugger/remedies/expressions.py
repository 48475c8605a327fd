"""Remedies within a line: a call that is left away, put around something, or given another argument."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..diagnosis import Fix
from ..script.syntax import unparse, walk

if TYPE_CHECKING:
    from .text import Text

_SQUASHING = ("softmax", "log_softmax", "sigmoid", "Softmax", "LogSoftmax", "Sigmoid", "logsoftmax")
_RATE = re.compile(r"\blr\s*=\s*([0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?)")


def unsquashed(text: Text, line: int, _advice: str) -> Fix | None:
    """Without the softmax or sigmoid: what goes into it goes on, and a layer of that kind is left out of its Sequential."""
    for call in text.calls(line):
        name = unparse(call.func).split(".")[-1]
        if name not in _SQUASHING:
            continue
        if name[:1].isupper():
            holder = text.parent.get(call)
            if isinstance(holder, ast.Call) and call in holder.args:
                return _left_out(text, call)
            return text.put(call, "nn.Identity()" if unparse(call.func).startswith("nn.") else "torch.nn.Identity()")
        head = unparse(call.func).split(".")[0]
        function = isinstance(call.func, ast.Name) or (bool(call.args) and head in ("F", "torch", "nn", "self", "functional"))
        method = call.func.value if isinstance(call.func, ast.Attribute) and not function else None
        inner = call.args[0] if call.args and function else method
        if inner is not None:
            return text.put(call, text.within(inner))
    return None


def _left_out(text: Text, call: ast.Call) -> Fix | None:
    """A layer without its place among others."""
    old = text.line(call.lineno)
    if old.strip().rstrip(",") == text.within(call):
        before = text.line(call.lineno - 1)
        return Fix(call.lineno - 1, f"{before}\n{old}", before)
    found = re.search(rf",\s*{re.escape(text.within(call))}", old)
    return Fix(call.lineno, old, old[: found.start()] + old[found.end() :]) if found is not None else None


def logarithm(text: Text, line: int, _advice: str) -> Fix | None:
    """log_softmax in the place of softmax."""
    old = text.line(line)
    new = re.sub(r"(?<![\w])softmax\(", "log_softmax(", re.sub(r"\bSoftmax\(", "LogSoftmax(", old), count=1)
    return Fix(line, old, new) if new != old else None


def detached(text: Text, line: int, _advice: str) -> Fix | None:
    """A target that is taken as given."""
    stmt = text.statement(line)
    if not isinstance(stmt, ast.Assign) or stmt.end_lineno != line or isinstance(stmt.targets[0], ast.Tuple):
        return None
    inner = text.within(stmt.value)
    plain = isinstance(stmt.value, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return text.put(stmt.value, f"{inner}.detach()" if plain else f"({inner}).detach()")


def detached_there(text: Text, line: int, advice: str) -> Fix | None:
    """A name with detach() where a line reads it."""
    name = re.search(r"\b([A-Za-z_]\w*)\.detach\(\)", advice)
    for node in walk(text.tree):
        if (
            name is not None
            and isinstance(node, ast.Name)
            and node.id == name[1]
            and isinstance(node.ctx, ast.Load)
            and node.lineno == line
        ):
            return text.put(node, f"{node.id}.detach()")
    return None


def with_history(text: Text, line: int, advice: str) -> Fix | None:
    """grad() with create_graph=True; or a line without what takes the history away."""
    if "create_graph" in advice:
        for call in text.calls(line):
            if unparse(call.func).split(".")[-1] in ("grad", "backward"):
                given = next((word for word in call.keywords if word.arg in ("create_graph", "retain_graph")), None)
                if given is None:
                    return _with_argument(text, call, "create_graph=True")
                old = text.line(given.value.lineno)
                new = re.sub(r"\b(retain_graph|create_graph)\s*=\s*\w+", "create_graph=True", old, count=1)
                return Fix(given.value.lineno, old, new)
        return None
    return recorded(text, line, advice)


def recorded(text: Text, line: int, _advice: str) -> Fix | None:
    """A line without detach(), .data or item()."""
    old = text.line(line)
    new = re.sub(r"\.detach\(\)|\.item\(\)|\.data\b(?!\w)", "", old, count=1)
    return Fix(line, old, new) if new != old else None


def divided(text: Text, line: int, advice: str) -> Fix | None:
    """backward() of a loss that is divided by the number of parts."""
    number = re.search(r"by (\d+) before", advice)
    for call, name in text.methods("backward", line):
        if number is not None and isinstance(call.func, ast.Attribute):
            return text.put(call.func.value, f"({name} / {number[1]})")
    return None


def in_training(text: Text, line: int, _advice: str) -> Fix | None:
    """F.dropout that knows whether its module trains."""
    call = next((call for call in text.calls(line) if unparse(call.func).split(".")[-1].endswith("dropout")), None)
    return _with_argument(text, call, "training=self.training") if call is not None else None


def reparametrised(text: Text, line: int, _advice: str) -> Fix | None:
    """rsample() in the place of sample()."""
    old = text.line(line)
    new = re.sub(r"\.sample\(", ".rsample(", old, count=1)
    return Fix(line, old, new) if new != old else None


def state_copied(text: Text, line: int, _advice: str) -> Fix | None:
    """A state_dict() of copies."""
    for call, _ in text.methods("state_dict", line):
        fix = text.put(call, f"copy.deepcopy({text.within(call)})")
        return text.importing("copy", fix) if fix is not None else None
    return None


def network_copied(text: Text, line: int, _advice: str) -> Fix | None:
    """A second network that is a copy."""
    stmt = text.statement(line)
    if not isinstance(stmt, ast.Assign) or isinstance(stmt.value, ast.Tuple):
        return None
    fix = text.put(stmt.value, f"copy.deepcopy({text.within(stmt.value)})")
    return text.importing("copy", fix) if fix is not None else None


def one_each(text: Text, line: int, _advice: str) -> Fix | None:
    """`[layer() for _ in range(n)]` in the place of `[layer()] * n`."""
    for node in walk(text.tree):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and node.lineno == line):
            continue
        listed, times = (node.left, node.right) if isinstance(node.left, ast.List) else (node.right, node.left)
        if isinstance(listed, ast.List) and len(listed.elts) == 1:
            return text.put(node, f"[{text.within(listed.elts[0])} for _ in range({text.within(times)})]")
    return None


def smaller_rate(text: Text, line: int, _advice: str) -> Fix | None:
    """A tenth of the learning rate that a line gives, or that the one line gives to which it hands the name."""
    if re.search(r"\bmomentum\s*=\s*[1-9]", text.line(line)):
        return None  # which throws the parameters away at any rate
    numbers = [line] if _RATE.search(text.line(line)) else []
    name = re.search(r"\blr\s*=\s*(?:\w+\.)?([A-Za-z_]\w*)", text.line(line))
    if not numbers and name is not None:
        given = re.compile(rf"^\s*{re.escape(name[1])}\s*(?::\s*\w+\s*)?=\s*([0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?)")
        found = [(number, match) for number, old in enumerate(text.lines, 1) if (match := given.match(old)) is not None]
        return _tenth(text, *found[0]) if len(found) == 1 else None
    found_here = _RATE.search(text.line(line)) if numbers else None
    return _tenth(text, line, found_here) if found_here is not None else None


def _tenth(text: Text, line: int, found: re.Match[str]) -> Fix:
    old = text.line(line)
    return Fix(line, old, f"{old[: found.start(1)]}{float(found[1].replace('_', '')) / 10:g}{old[found.end(1) :]}")


def registered(text: Text, line: int, _advice: str) -> Fix | None:
    """Layers in a ModuleList."""
    stmt = text.statement(line)
    if not isinstance(stmt, ast.Assign) or not isinstance(stmt.value, ast.List | ast.ListComp | ast.Dict):
        return None
    kind = "ModuleDict" if isinstance(stmt.value, ast.Dict) else "ModuleList"
    path = "nn" if re.search(r"\bfrom torch import .*\bnn\b|\bimport torch\.nn as nn\b", text.source) else "torch.nn"
    return text.put(stmt.value, f"{path}.{kind}({text.within(stmt.value)})")


def number_added(text: Text, line: int, _advice: str) -> Fix | None:
    """`total += loss.item()`, or a list that keeps numbers."""
    stmt = text.statement(line)
    if isinstance(stmt, ast.AugAssign) and isinstance(stmt.value, ast.Name | ast.Attribute | ast.Call):
        return text.put(stmt.value, f"{text.within(stmt.value)}.item()")
    for call, _ in text.methods("append", line):
        if len(call.args) == 1 and isinstance(call.args[0], ast.Name):
            return text.put(call.args[0], f"{text.within(call.args[0])}.item()")
    return None


def in_place(text: Text, line: int, _advice: str) -> Fix | None:
    """`p -= rate * p.grad` under no_grad, in the place of `p = p - rate * p.grad`."""
    old = text.line(line)
    found = re.match(r"^(\s*)([A-Za-z_][\w.]*)\s*=\s*\2\s*([-+])\s*(.+)$", old)
    if found is None:
        return None
    indent, name, sign, rest = found.groups()
    stmt, at = text.statement(line), text.parent.get(text.statement(line) or text.tree)
    guarded = False
    while stmt is not None and at is not None:
        guarded |= isinstance(at, ast.With) and any("no_grad" in unparse(item.context_expr) for item in at.items)
        guarded |= isinstance(at, ast.FunctionDef) and any("no_grad" in unparse(one) for one in at.decorator_list)
        at = text.parent.get(at)
    update = f"{name} {sign}= {rest}"
    return Fix(line, old, f"{indent}{update}" if guarded else f"{indent}with torch.no_grad():\n{indent}    {update}")


def over_classes(text: Text, line: int, _advice: str) -> Fix | None:
    """A softmax along the classes."""
    old = text.line(line)
    new = re.sub(r"(softmax\([^#]*?(?:dim\s*=\s*|,\s*))0\b", r"\g<1>1", old, count=1, flags=re.IGNORECASE)
    return Fix(line, old, new) if new != old else None


def transposed(text: Text, line: int, advice: str) -> Fix | None:
    """The transposition that a view was to be."""
    wanted = re.search(r"^To exchange dimensions .*?(\.(?:transpose|t)\([^)]*\))", advice)
    for name in ("view", "reshape"):
        for call, _ in text.methods(name, line):
            if wanted is not None and isinstance(call.func, ast.Attribute):
                return text.put(call, f"{text.within(call.func.value)}{wanted[1]}")
    return None


def exchanged(text: Text, line: int, _advice: str) -> Fix | None:
    """The two arguments of a loss the other way round."""
    call = next((call for call in text.calls(line) if len(call.args) == 2 and unparse(call.func).split(".")[-1] != "backward"), None)
    if call is None or call.lineno != call.end_lineno:
        return None
    one, two = map(text.within, call.args)
    start, end = call.args[0], call.args[1]
    raw = text.line(line).encode()
    new = raw[: start.col_offset] + f"{two}, {one}".encode() + raw[end.end_col_offset or 0 :]
    return Fix(line, raw.decode(), new.decode())


def made_first(text: Text, line: int, _advice: str) -> Fix | None:
    """`nn.MSELoss()(a, b)` in the place of `nn.MSELoss(a, b)`; `nn.MSELoss()` in that of the class."""
    call = next((call for call in text.calls(line) if unparse(call.func).split(".")[-1].endswith("Loss") and call.args), None)
    return text.put(call.func, f"{text.within(call.func)}()") if call is not None else None


def listed(text: Text, line: int, _advice: str) -> Fix | None:
    """The parameters that an optimizer is given, as a list that is not used up."""
    call = next((call for call in text.calls(line) if call.args and isinstance(call.args[0], ast.Name)), None)
    name = call.args[0].id if call is not None and isinstance(call.args[0], ast.Name) else ""
    made = [
        node
        for node in walk(text.tree)
        if isinstance(node, ast.Assign) and node.lineno < line and [unparse(target) for target in node.targets] == [name]
    ]
    last = max(made, key=lambda node: node.lineno, default=None)
    return text.put(last.value, f"list({text.within(last.value)})") if last is not None else None


def away_from_zero(text: Text, line: int, advice: str) -> Fix | None:
    """What the roots or logarithms of a line take, kept away from 0: of log(p) + log(1 - p) either may be the one."""
    small = re.search(r"\b1e-\d+\b", advice)
    old = raw = text.line(line).encode()
    calls = [call for call in text.calls(line) if call.lineno == call.end_lineno]
    for call in sorted(calls, key=lambda call: call.col_offset, reverse=True):
        name = unparse(call.func).split(".")[-1]
        if small is None or name not in ("sqrt", "log") or name not in advice:
            continue
        function = unparse(call.func) in (f"torch.{name}", name)
        inner = call.args[0] if function and call.args else call.func.value if isinstance(call.func, ast.Attribute) else None
        if inner is None or any(
            other is not call and other in walk(inner) for other in calls if unparse(other.func).split(".")[-1] == name
        ):
            continue
        what = text.within(inner)
        plain = isinstance(inner, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
        new = f"{what} + {small[0]}" if name == "sqrt" else f"{what if plain else f'({what})'}.clamp_min({small[0]})"
        new = f"({new})" if name == "sqrt" and not function else new
        raw = raw[: inner.col_offset] + new.encode() + raw[inner.end_col_offset or 0 :]
    return Fix(line, old.decode(), raw.decode()) if raw != old else None


def downhill(text: Text, line: int, advice: str) -> Fix | None:
    """`w -= ...` in the place of `w += ...`; a loss without its minus."""
    old = text.line(line)
    stmt = text.statement(line)
    if isinstance(stmt, ast.AugAssign):
        return Fix(line, old, old.replace("+=", "-=", 1))
    if advice.startswith("Put a minus") and isinstance(stmt, ast.Assign):
        plain = isinstance(stmt.value, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
        return text.put(stmt.value, f"-{text.within(stmt.value)}" if plain else f"-({text.within(stmt.value)})")
    if "minus" in advice and isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.UnaryOp):
        return text.put(stmt.value, text.within(stmt.value.operand))
    return None


def _with_argument(text: Text, call: ast.Call, argument: str) -> Fix | None:
    """A call with one more argument, before its last parenthesis."""
    if call.end_lineno is None or call.end_col_offset is None:
        return None
    raw = text.line(call.end_lineno).encode()
    head, tail = raw[: call.end_col_offset - 1].decode(), raw[call.end_col_offset - 1 :].decode()
    comma = "" if not (call.args or call.keywords) or head.rstrip().endswith(",") else ", "
    return Fix(call.end_lineno, raw.decode(), f"{head}{comma}{argument}{tail}")


def squeezed(text: Text, line: int, advice: str) -> Fix | None:
    """The side of an op that has one column too many, without it; the advice says which: prediction.squeeze(1)."""
    side = re.search(r"\bthe (left|right) one\b", advice)
    here = [node for node in walk(text.tree) if isinstance(node, ast.expr) and node.lineno == line]
    pairs = [[node.left, node.right] for node in here if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)]
    pairs += [[node.left, *node.comparators] for node in here if isinstance(node, ast.Compare)]
    pairs += [node.args for node in here if isinstance(node, ast.Call)]
    pair = next((pair for pair in pairs if len(pair) == 2), None)
    if side is None or pair is None:
        return None
    one = pair[side[1] == "right"]
    inner = text.within(one)
    plain = isinstance(one, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return text.put(one, f"{inner}.squeeze(1)" if plain else f"({inner}).squeeze(1)")


def column_taken(text: Text, line: int, advice: str) -> Fix | None:
    """The targets of a loss as one number for each sample."""
    call = next((call for call in text.calls(line) if len(call.args) >= 2), None)
    wanted = re.search(r"target(\.(?:squeeze|argmax)\([^)]*\))", advice)
    return text.put(call.args[1], f"{text.within(call.args[1])}{wanted[1]}") if call is not None and wanted is not None else None


def parameter(text: Text, line: int, advice: str) -> Fix | None:
    """A plain tensor of a module as a Parameter, which wants a gradient by itself."""
    stmt = text.statement(line)
    if "a Parameter" not in advice or not isinstance(stmt, ast.Assign):
        return None
    path = "nn" if re.search(r"\bfrom torch import .*\bnn\b|\bimport torch\.nn as nn\b", text.source) else "torch.nn"
    inner = re.sub(r",\s*requires_grad\s*=\s*True|\.requires_grad_\((?:True)?\)", "", text.within(stmt.value))
    return text.put(stmt.value, f"{path}.Parameter({inner})")


def recorded_again(text: Text, line: int, _advice: str) -> Fix | None:
    """A function without its no_grad decorator, a block without its `with torch.no_grad():`."""
    old = text.line(line)
    if re.match(r"\s*@torch\.(no_grad|inference_mode)\b", old) and line < len(text.lines):
        below = text.line(line + 1)
        return Fix(line, f"{old}\n{below}", below)
    stmt = text.statement(line)
    if (
        not isinstance(stmt, ast.With)
        or len(stmt.items) != 1
        or not re.search(r"no_grad|inference_mode", unparse(stmt.items[0].context_expr))
    ):
        return None
    last, inside = stmt.end_lineno or line, text.lines[stmt.body[0].lineno - 1 : stmt.end_lineno]
    deeper = len(text.indent(stmt.body[0].lineno)) - len(text.indent(line))
    if deeper <= 0 or stmt.body[0].lineno == line or any(part.strip() and not part.startswith(" " * deeper) for part in inside):
        return None
    return Fix(line, "\n".join(text.lines[line - 1 : last]), "\n".join(part[deeper:] for part in inside))


def stacked(text: Text, line: int, _advice: str) -> Fix | None:
    """torch.stack of the list that a line makes a new tensor of; without torch.tensor() of what is a tensor."""
    for call in text.calls(line):
        if unparse(call.func) not in ("torch.tensor", "torch.as_tensor", "torch.FloatTensor", "torch.Tensor") or not call.args:
            continue
        inner = call.args[0]
        listed = isinstance(inner, ast.List | ast.ListComp) and not any(isinstance(one, ast.List) for one in getattr(inner, "elts", ()))
        taken = any(isinstance(one, ast.Attribute) and one.attr in ("item", "tolist", "numpy", "data", "detach") for one in walk(inner))
        if listed and not taken:
            return text.put(call, f"torch.stack({text.within(inner)})")
        compared = any(isinstance(one, ast.Compare) for one in walk(inner))  # has no history in any case
        if not (listed or taken or compared) and not isinstance(inner, ast.Name):
            return text.put(call, text.within(inner))
    return None


def turned_round(text: Text, line: int, advice: str) -> Fix | None:
    """masked_fill of the other places, or of those on the other side of the diagonal."""
    for call, _ in text.methods("masked_fill", line) + text.methods("masked_fill_", line):
        mask = call.args[0] if call.args else None
        if mask is not None and "transpose" in advice:
            plain = isinstance(mask, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
            return text.put(mask, f"{text.within(mask) if plain else f'({text.within(mask)})'}.transpose(-2, -1)")
        if isinstance(mask, ast.UnaryOp) and isinstance(mask.op, ast.Invert):
            return text.put(mask, text.within(mask.operand))
        if isinstance(mask, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
            return text.put(mask, f"~{text.within(mask)}")
        if mask is not None:
            return text.put(mask, f"~({text.within(mask)})")
    return None


def cloned(text: Text, line: int, _advice: str) -> Fix | None:
    """A copy in the place of .data or detach() alone."""
    old = text.line(line)
    new = re.sub(r"\.data\b(?!\s*[.=(]|\w)|\.detach\(\)(?!\.clone)", ".detach().clone()", old, count=1)
    return Fix(line, old, new) if new != old else None
