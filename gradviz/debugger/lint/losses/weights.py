"""Rules of numbers that are given to layers and losses: weights of classes that grow with what is frequent, batch statistics that never move."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, dotted, keyword

_COUNTED = re.compile(r"bincount\(|value_counts\(|Counter\(|unique\(.*return_counts")
_LOSSES = frozenset({"CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"})
_TURNED = frozenset(
    {"reciprocal", "inverse", "rsqrt", "pow", "sum", "max", "min", "mean", "numel", "size"}
)  # or one number for all classes
_FORGETS_AT = 0.9  # a momentum of which TensorFlow keeps so much, and PyTorch so little


def upside_down(script: Script) -> Iterator[Finding]:
    """`weight=counts / counts.sum()`: the class that is frequent weighs most, where the rare one was to."""
    for node in walk(script.tree):
        if not (isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in _LOSSES):
            continue
        weight = keyword(node, "weight")
        if weight is None and dotted(node.func).split(".")[-1] in ("CrossEntropyLoss", "NLLLoss") and node.args:
            weight = node.args[0]
        place = _with_counts(script, weight, node.lineno) if weight is not None else None
        if place is not None:
            yield at(
                place, "weights upside down", f"These weights of the classes grow with how many samples there are of each: the loss of line {node.lineno} counts the frequent class most, and "
                "the rare one, which has few samples already, least.", "Turn them round: weights = counts.sum() / (len(counts) * counts).",
            )  # fmt: skip


def _with_counts(script: Script, value: ast.expr, line: int, depth: int = 0) -> ast.expr | None:
    """The expression that is proportional to counts of samples, followed through names; None where they stand below a line or in no such place."""
    if isinstance(value, ast.Name) and depth < 4:
        found = script.assigned(value.id, line)
        if found is None:
            return None
        inner = _with_counts(script, found[0], found[1].lineno, depth + 1)
        return found[0] if inner is not None and not _COUNTED.search(unparse(found[0])) else inner
    if isinstance(value, ast.BinOp):
        if isinstance(value.op, ast.Div | ast.Mult):
            number = isinstance(value.right, ast.Constant) and isinstance(value.right.value, int | float) and value.right.value < 0
            return None if number else _with_counts(script, value.left, line, depth)
        return None
    if isinstance(value, ast.Call):
        if _COUNTED.search(unparse(value)) and _COUNTED.match(unparse(value).removeprefix(dotted(value.func).rsplit(".", 1)[0] + ".")):
            return value
        if isinstance(value.func, ast.Attribute) and value.func.attr not in _TURNED:
            owner = value.func.value
            return _with_counts(
                script, value.args[0] if isinstance(owner, ast.Name) and owner.id in ("torch", "np") and value.args else owner, line, depth
            )
    return None


def target_given(script: Script) -> Iterator[Finding]:
    """`logits = model(src, tgt)` and `cross_entropy(logits, tgt)`: at each place the model is given what it is to predict there."""
    for node in walk(script.tree):
        if not (
            isinstance(node, ast.Call)
            and len(node.args) > 1
            and (dotted(node.func).split(".")[-1] in _LOSSES or _makes_a_loss(script, node))
        ):
            continue
        target, guess = _bare(node.args[1]), _bare(node.args[0])
        made = script.assigned(guess.id, node.lineno) if isinstance(guess, ast.Name) else None
        call = made[0] if made is not None else guess
        if not (isinstance(call, ast.Call) and isinstance(target, ast.Name) and len(call.args) > 1) or "." in dotted(call.func).replace(
            "self.", ""
        ):
            continue
        if any(isinstance(given, ast.Name) and given.id == target.id for given in call.args[1:]):
            yield at(
                node, "target given", f"{unparse(call.func)} of line {call.lineno} is given {target.id} as it is, and this loss asks it for {target.id} again: each place has only to be copied, "
                "and where there is nothing to copy it knows nothing.", f"Shift one against the other: the model is given {target.id}[:, :-1], and the loss {target.id}[:, 1:].",
            )  # fmt: skip


def _makes_a_loss(script: Script, call: ast.Call) -> bool:
    """Whether a call is of an object that a class of losses made: criterion(...)."""
    found = script.assigned(call.func.id, call.lineno) if isinstance(call.func, ast.Name) else None
    return found is not None and isinstance(found[0], ast.Call) and dotted(found[0].func).split(".")[-1] in _LOSSES


def _bare(value: ast.expr) -> ast.expr:
    """An expression without what only brings it into another shape."""
    while (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in ("view", "reshape", "flatten", "transpose", "permute", "long", "contiguous", "t")
    ):
        value = value.func.value
    return value


def momentum_of_statistics(script: Script) -> Iterator[Finding]:
    """`BatchNorm1d(8, momentum=0.99)`, as TensorFlow writes it: PyTorch's momentum is the share of the new batch."""
    for node in walk(script.tree):
        name = dotted(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
        given = (
            keyword(node, "momentum")
            if isinstance(node, ast.Call) and name.startswith(("BatchNorm", "SyncBatchNorm", "InstanceNorm"))
            else None
        )
        value = given.value if isinstance(given, ast.Constant) else None
        if not isinstance(value, int | float) or isinstance(value, bool) or not isinstance(node, ast.Call) or 0 < value < _FORGETS_AT:
            continue
        does = (
            "the running mean and variance never move from 0 and 1, and eval() normalizes with those"
            if value == 0
            else f"the running mean and variance keep {1 - value:.2g} of what they were and are those of the last batch"
        )
        yield at(
            node, "momentum of statistics", f"momentum of {name} is the share of the new batch in the running statistics: with {value:g} {does}.",
            "Leave it at 0.1; what other libraries call a momentum of 0.99 is 0.01 here.",
        )  # fmt: skip
