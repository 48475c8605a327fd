"""Rules of signs: a term that is to be large stands in the loss as if it were to be small."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted, keyword

_REDUCING = frozenset({"mean", "sum", "squeeze", "view", "unsqueeze", "reshape", "stack", "cat", "flatten"})
_FAR = 8  # names that a term is followed through
_WANTED = re.compile(
    r"(?:^|_)(?:r|R|G|rew|rewards?|adv|advantages?|returns?|ret|gains?|deltas?|td_error|scores?|discounted\w*)(?:_|s?$|\d)"
)


@dataclass(frozen=True, slots=True)
class _Term:
    """A call that a value is made of.

    Attributes:
        call: `dist.entropy()`, `dist.log_prob(a)`.
        sign: with which it goes into the value.
        product: the product that it stands in, else itself.
        place: the sum that it goes into, the one nearest to the loss; else its product.
        factors: what it is multiplied with on the way.
    """

    call: ast.Call
    sign: int
    product: ast.expr
    place: ast.expr
    factors: tuple[ast.expr, ...]


def entropy_made_small(script: Script) -> Iterator[Finding]:
    """`loss = policy_loss + beta * entropy`: with a plus the policy is pressed to be certain, where a bonus was to keep it open."""
    if any(calls(script.tree, "log_prob")):
        for term in _of_losses(script, "entropy"):
            if term.sign > 0:
                yield at(
                    term.place, "entropy", "The entropy stands in the loss with a plus: making the loss small makes the entropy small, and the policy certain of what it does too early.",
                    "Subtract it: loss = policy_loss - beta * entropy.",
                )  # fmt: skip
                return


def reward_made_small(script: Script) -> Iterator[Finding]:
    """`loss = (log_prob * reward).mean()`: without the minus each step makes what was rewarded less likely."""
    if not any(calls(script.tree, "sample")):
        return
    for term in _of_losses(script, "log_prob"):
        factor = next((factor for factor in term.factors if _WANTED.search(_last_name(factor))), None)
        if factor is not None and term.sign > 0:
            what = unparse(factor)
            yield at(
                term.product, "reward made small", f"The log-probability times {what} stands in the loss without a minus: making it small makes what was rewarded less likely, and what was "
                "punished more.", "Put a minus before it: loss = -(log_prob * reward).mean().",
            )  # fmt: skip
            return


def likelihood_made_small(script: Script) -> Iterator[Finding]:
    """`loss = model(x).log_prob(y).mean()`: without the minus each step makes the data less likely."""
    if any(calls(script.tree, "sample")) or any(calls(script.tree, "rsample")):
        return  # a policy, or the terms of a bound, which have either sign
    terms = list(_of_losses(script, "log_prob"))
    if terms and not any(term.factors for term in terms) and all(term.sign > 0 for term in terms):
        yield at(
            terms[0].place, "uphill", "The log-probability of the data is the loss, without a minus: making it small makes them less and less likely.",
            "Put a minus before it: loss = -log_prob.mean().",
        )  # fmt: skip


def _of_losses(script: Script, method: str) -> Iterator[_Term]:
    """The calls of a method that go into what the script propagates back; none where an optimizer maximizes."""
    if any(isinstance(node, ast.Call) and keyword(node, "maximize") is not None for node in walk(script.tree)):
        return
    for call, _ in calls(script.tree, "backward"):
        if isinstance(call.func, ast.Attribute):
            yield from _terms(script, method, call.func.value, 1, call.lineno, (), 0)


def _terms(
    script: Script, method: str, value: ast.expr, sign: int, line: int, factors: tuple[ast.expr, ...], depth: int
) -> Iterator[_Term]:
    """The calls of a method that a value is made of, with the sign of each."""
    if depth > _FAR:
        return

    def below(part: ast.expr, its: int = sign, more: tuple[ast.expr, ...] = (), at_line: int = line, deeper: int = 0) -> Iterator[_Term]:
        return _terms(script, method, part, its, at_line, (*factors, *more), depth + deeper)

    if isinstance(value, ast.BinOp):
        left, right = value.left, value.right
        if isinstance(value.op, ast.Add | ast.Sub):
            for term in (*below(left), *below(right, sign if isinstance(value.op, ast.Add) else -sign)):
                yield replace(term, place=value)
        elif isinstance(value.op, ast.Mult | ast.Div):
            both = isinstance(value.op, ast.Mult)
            for side, other in ((left, right), (right, left)) if both else ((left, right),):
                for term in below(side, sign * _sign(script, other, line), (other,)):
                    bare = term.product is term.call
                    yield replace(term, product=value, place=value if term.place is term.call else term.place) if bare else term
    elif isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        yield from below(value.operand, -sign)
    elif isinstance(value, ast.Call):
        name = value.func.attr if isinstance(value.func, ast.Attribute) else value.func.id if isinstance(value.func, ast.Name) else ""
        if name == method and isinstance(value.func, ast.Attribute):
            yield _Term(value, sign, value, value, factors)
        elif name in _REDUCING:
            parts = [value.func.value, *value.args] if isinstance(value.func, ast.Attribute) else value.args
            for part in parts:
                yield from below(part)
    elif isinstance(value, ast.List | ast.Tuple):
        for part in value.elts:
            yield from below(part)
    elif isinstance(value, ast.ListComp | ast.GeneratorExp):
        yield from below(value.elt)
    elif isinstance(value, ast.Name):
        for given in _given(script, value.id, line):
            yield from below(given, at_line=given.lineno, deeper=1)


def _given(script: Script, name: str, line: int) -> Iterator[ast.expr]:
    """What a name may stand for in a line: what was assigned to it, what was appended to it, and what a loop goes through with it."""
    found = script.assigned(name, line)
    if found is not None and name not in {node.id for node in walk(found[0]) if isinstance(node, ast.Name)}:
        yield found[0]
    yield from (added.args[0] for added, owner in calls(script.tree, "append") if owner == name and added.args)
    for node in script.parted.get(name, ()):
        if isinstance(node, ast.For | ast.comprehension):
            yield from _parts(node.target, node.iter, name)
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Tuple)
            and isinstance(node.value, ast.Call)
            and node.lineno < line
        ):
            place = next((k for k, part in enumerate(node.targets[0].elts) if isinstance(part, ast.Name) and part.id == name), -1)
            yield from _returned(script, dotted(node.value.func).split(".")[-1], place) if place >= 0 else ()


def _parts(target: ast.expr, source: ast.expr, name: str) -> Iterator[ast.expr]:
    """The list that a name goes through in a loop: `for p, r in zip(log_probs, returns)`."""
    if isinstance(target, ast.Name) and target.id == name:
        yield source
    if isinstance(target, ast.Tuple) and isinstance(source, ast.Call) and dotted(source.func) in ("zip", "enumerate"):
        listed = source.args if dotted(source.func) == "zip" else [source.args[0], *source.args[:1]]
        for part, given in zip(target.elts, listed, strict=False):
            yield from _parts(part, given, name)


def _returned(script: Script, function: str, place: int) -> Iterator[ast.expr]:
    """One of several results of a function of the script."""
    for holder in walk(script.tree):
        if isinstance(holder, ast.FunctionDef) and holder.name == function:
            for node in walk(holder):
                if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and place < len(node.value.elts):
                    yield node.value.elts[place]


def _last_name(value: ast.expr) -> str:
    """What a factor is called: the name or attribute at its end, also below an index, a call of a method or a difference."""
    while True:
        if isinstance(value, ast.Attribute):
            return value.attr
        if isinstance(value, ast.Subscript):
            value = value.value
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            value = value.func.value
        elif isinstance(value, ast.BinOp):
            value = value.left
        else:
            return value.id if isinstance(value, ast.Name) else ""


def _sign(script: Script, factor: ast.expr, line: int) -> int:
    """-1 for what is written as negative, here or where a name for it was given, 1 for all else."""
    if isinstance(factor, ast.Name):
        found = script.assigned(factor.id, line)
        return _sign(script, found[0], 0) if found is not None and isinstance(found[0], ast.UnaryOp | ast.Constant) else 1
    return -1 if isinstance(factor, ast.UnaryOp) and isinstance(factor.op, ast.USub) else 1
