"""Rules of the way back: what cuts a loss off from its parameters, or writes where autograd does not see it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted, names

_NUMBERS = ("item", "tolist")
_NO_SLOPE = ("argmax", "argmin", "argsort")
_WRAPPING = ("torch.tensor", "torch.as_tensor", "torch.from_numpy", "torch.FloatTensor", "torch.Tensor")
_WANTS_LOGITS = ("cross_entropy", "CrossEntropyLoss", "binary_cross_entropy_with_logits", "BCEWithLogitsLoss")
_WANTS_LOGS = ("kl_div", "KLDivLoss", "nll_loss", "NLLLoss")
_SQUASHING = ("softmax", "sigmoid")
_LAYERS = {loss: ("Sigmoid",) if "inary" in loss or "BCE" in loss else ("Softmax", "LogSoftmax") for loss in _WANTS_LOGITS}


def cut_loss(script: Script) -> Iterator[Finding]:
    """backward() of a name whose last value has no way back."""
    for call, name in calls(script.tree, "backward"):
        found = script.assigned(name, call.lineno) if name else None
        if found is None or script.enclosing(call, (ast.FunctionDef,)) is not script.enclosing(found[1], (ast.FunctionDef,)):
            continue
        value, node = found
        if (
            isinstance(value, ast.Call)
            and dotted(value.func) in _WRAPPING
            and value.args
            and not isinstance(value.args[0], ast.Constant | ast.List)
        ):
            if not any(k.arg == "requires_grad" for k in value.keywords):
                yield at(value, "rewrapped", f"{name} is a new leaf of plain numbers: what they were computed from is left behind, and backward() in line {call.lineno} fails.", "Stay with tensors from the parameters to the loss.")  # fmt: skip
        elif any(
            isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in _NUMBERS and n is value for n in walk(value)
        ):
            yield at(value, "a number", f"{name} is a plain number after {value.func.attr}(): it has no backward().", "Call item() only where you print.")  # type: ignore[attr-defined]  # fmt: skip
        elif script.within(node, "no_grad", "inference_mode") and not script.within(call, "no_grad"):
            yield at(node, "under no_grad", f"{name} is computed under no_grad, where nothing is recorded: backward() in line {call.lineno} fails.", "Compute the loss outside of it.")  # fmt: skip
        else:
            yield from _no_slope(script, value, name, call.lineno)


def _no_slope(script: Script, value: ast.expr, name: str, line: int) -> Iterator[Finding]:
    sources = [value]
    if len(names(value)) < 6:
        sources += [
            found[0]
            for n in sorted(names(value))
            if (found := script.assigned(n, value.lineno)) is not None and isinstance(found[0], ast.Call)
        ]
    for source in sources:
        for node in walk(source):
            chosen = (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _NO_SLOPE and source is not value
            )
            compared = (
                isinstance(node, ast.Compare)
                and source is value
                and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.Gt | ast.Lt)
                and not _inside_choice(script, node)
            )
            if (chosen and len(names(value)) > 0 and _only(value, source)) or compared:
                what = "a comparison" if compared else f"{node.func.attr}()"  # type: ignore[attr-defined]
                yield at(node, "no slope", f"{what} has no slope, so {name} has no way back to the parameters: backward() in line {line} fails.", "Use a smooth loss: cross_entropy, or a sigmoid for a threshold.")  # type: ignore[arg-type]  # fmt: skip
                return


def _only(value: ast.expr, source: ast.expr) -> bool:
    """Whether a chosen index is used as a number: compared, averaged, and not as an index or a target."""
    del source
    return any(isinstance(node, ast.Compare) for node in walk(value))


def _inside_choice(script: Script, node: ast.AST) -> bool:
    """A condition of where(), a mask in an index, an argument of a call: a choice, and the way back goes through the chosen."""
    at_: ast.AST | None = script.parent.get(node)
    while isinstance(at_, ast.expr):
        if isinstance(at_, ast.Subscript | ast.IfExp) or (isinstance(at_, ast.Call) and "where" in unparse(at_.func)):
            return True
        if isinstance(at_, ast.BinOp):
            return True  # multiplied as a mask
        at_ = script.parent.get(at_)
    return False


def through_data(script: Script) -> Iterator[Finding]:
    """`x.data` written between a use of x and backward(): PyTorch does not notice, and the gradient is wrong."""
    for block in script.blocks:
        for k, stmt in enumerate(block):
            name = _data_write(stmt)
            if not name:
                continue
            used = next(
                (s for s in block[:k] if isinstance(s, ast.Assign) and name in names(s.value) and f"{name}.data" not in unparse(s.value)),
                None,
            )
            later = next((s for s in block[k + 1 :] if isinstance(s, ast.Expr) and any(calls(s, "backward"))), None)
            between = used is not None and any(any(calls(s, "backward")) for s in block[block.index(used) : k])
            if used is not None and later is not None and not between:
                yield at(
                    stmt, "through .data", f"line {used.lineno} was computed with the old {name}; this changes it behind autograd's back, and backward() in line {later.lineno} "
                    "silently uses the new numbers.", "Write under torch.no_grad(), so that PyTorch can check; or write after backward().",
                )  # fmt: skip


def _data_write(stmt: ast.stmt) -> str:
    node: ast.AST | None = None
    if isinstance(stmt, ast.AugAssign):
        node = stmt.target
    elif isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Subscript):
        node = stmt.targets[0].value
    elif (
        isinstance(stmt, ast.Expr)
        and isinstance(stmt.value, ast.Call)
        and isinstance(stmt.value.func, ast.Attribute)
        and stmt.value.func.attr.endswith("_")
    ):
        node = stmt.value.func.value
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.value.id if isinstance(node, ast.Attribute) and node.attr == "data" and isinstance(node.value, ast.Name) else ""


def squashed_twice(script: Script) -> Iterator[Finding]:
    """softmax before cross_entropy, which applies it itself; probabilities where logarithms of them are wanted."""
    logits, logs = _losses(script, _WANTS_LOGITS), _losses(script, _WANTS_LOGS)
    for use, loss in (*logits, *logs):
        given = use.args[0]
        found = script.assigned(given.id, use.lineno) if isinstance(given, ast.Name) else (given, None)
        if found is None or not isinstance(found[0], ast.Call) or dotted(found[0].func).split(".")[-1] not in _SQUASHING:
            continue
        inner = dotted(found[0].func).split(".")[-1]
        if loss in _WANTS_LOGS:
            yield at(
                found[0], "wants logarithms", f"{loss} (line {use.lineno}) wants logarithms of probabilities; this gives the probabilities.",
                f"Use log_{inner}." if inner == "softmax" else "Use logsigmoid.",
            )  # fmt: skip
        else:
            yield _squashed(found[0], loss, inner, use.lineno)
    for use, loss in logits:
        last = _last_layer(script, use)
        if last is not None and dotted(last.func).split(".")[-1] in _LAYERS[loss]:
            yield _squashed(last, loss, dotted(last.func).split(".")[-1], use.lineno)


def _last_layer(script: Script, use: ast.Call) -> ast.Call | None:
    """The last layer of the nn.Sequential whose output a loss is given."""
    given: ast.expr | None = use.args[0]
    if isinstance(given, ast.Name):
        found = script.assigned(given.id, use.lineno)
        given = found[0] if found is not None else None
    if not (isinstance(given, ast.Call) and isinstance(given.func, ast.Name)):
        return None
    model = script.assigned(given.func.id, use.lineno)
    made = model[0] if model is not None else None
    if (
        isinstance(made, ast.Call)
        and dotted(made.func).split(".")[-1] == "Sequential"
        and made.args
        and isinstance(made.args[-1], ast.Call)
    ):
        return made.args[-1]
    return None


def _losses(script: Script, wanted: tuple[str, ...]) -> list[tuple[ast.Call, str]]:
    """The calls of these losses, as functions and through a module that was made before; with the name of the loss."""
    made = {name: dotted(value.func).split(".")[-1] for name, value, _ in script.assignments if isinstance(value, ast.Call)}
    found = []
    for node in walk(script.tree):
        if isinstance(node, ast.Call) and node.args:
            name = dotted(node.func).split(".")[-1]
            loss = made.get(name, name) if isinstance(node.func, ast.Name) else name
            if loss in wanted and not (loss[0].isupper() and loss == name):
                found.append((node, loss))
    return found


def _squashed(node: ast.expr, loss: str, inner: str, line: int) -> Finding:
    what = "sigmoid" if "igmoid" in inner else "softmax"
    return at(
        node, "squashed twice", f"{loss} (line {line}) applies {what} itself: applied here as well, the gradient is squeezed twice.",
        f"Leave the {what} away while training.",
    )  # fmt: skip
