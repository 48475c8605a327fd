"""Rules of what lives too short or too long: iterators that are used up, the first batch again, layers and models that each turn makes anew."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted, keyword

_Loop = ast.For | ast.While
_Place = ast.stmt | ast.expr
_FAR = 3  # functions that something is handed through
_ONCE = frozenset({"zip", "map", "filter", "enumerate", "iter", "reversed"})
_ONCE_OF = frozenset({"chain", "islice", "product", "permutations", "combinations", "batched", "starmap", "pairwise"})  # of itertools
_COUNTED = re.compile(r"_*(?:n_|i_)?(?:epochs?|ep|steps?|it|iters?|iteration|batch)(?:_\w+)?$")
_WEIGHTED = re.compile(
    r"(?:Linear|Bilinear|LazyLinear|Conv\w+|LazyConv\w+|Embedding|EmbeddingBag|LSTM|GRU|RNN|LSTMCell|GRUCell|RNNCell|BatchNorm\w*|LayerNorm|GroupNorm"
    r"|MultiheadAttention|Transformer\w*|PReLU|Parameter)$"
)
_BUILT_OF = frozenset({"Sequential", "ModuleList", "ModuleDict"})


def used_up(script: Script) -> Iterator[Finding]:
    """`batches = zip(...)` before the loop over epochs that goes through it in each turn: from the second turn on there is nothing left."""
    generators = {node.name: node for node in walk(script.tree) if isinstance(node, ast.FunctionDef) and _yields(node)}
    for loop in script.loops:
        if not isinstance(loop, ast.For) or _leaves_early(script, loop):
            continue
        for value, places in origins(script, loop.iter, loop):
            outer = next((found for place in places for found in _loops_around(script, place) if not _within(script, value, found)), None)
            what = _once(script, value, generators)
            if outer is None or outer is loop or not what:
                continue
            name = unparse(loop.iter)
            yield at(
                value, "used up", f"{name} is {what}: it can be gone through once. The loop of line {loop.lineno} uses it up in the first turn of line {outer.lineno}, and in "
                "every later turn it does nothing.", f"Make a list of it, list({unparse(value)[:60]}), or make it anew in each turn.",
            )  # fmt: skip
            break


def _once(script: Script, value: ast.expr, generators: dict[str, ast.FunctionDef]) -> str:
    """What can be gone through once only, in words; "" for all else."""
    if isinstance(value, ast.GeneratorExp):
        return "a generator"
    *owner, name = dotted(value.func).split(".") if isinstance(value, ast.Call) else [""]
    imported = (node for node in walk(script.tree) if isinstance(node, ast.ImportFrom) and node.module == "itertools")
    combining = name in _ONCE_OF and (
        owner == ["itertools"] or (not owner and any(alias.name == name for node in imported for alias in node.names))
    )
    if not (combining or (name in _ONCE and not owner) or (name in generators and not _endless(generators[name]))):
        return ""
    return f"what {name}() gives"


def origins(script: Script, used: ast.expr, place: _Place) -> list[tuple[ast.expr, list[_Place]]]:
    """What a name or attribute may stand for where it is used: (value, the places through which it came there, the innermost first)."""
    found: list[tuple[ast.expr, list[_Place]]] = []
    waiting: list[tuple[ast.expr, list[_Place]]] = [(used, [place])]
    for expression, places in waiting:
        if isinstance(expression, ast.Attribute):
            found += [
                (node.value, places)
                for node in walk(script.tree)
                if isinstance(node, ast.Assign) and any(unparse(target) == unparse(expression) for target in node.targets)
            ]
        if isinstance(expression, ast.Call) and len(places) > 1:
            found.append((expression, places))
        if not isinstance(expression, ast.Name):
            continue
        function = script.enclosing(places[-1], (ast.FunctionDef,))
        given = [argument.arg for argument in function.args.args] if isinstance(function, ast.FunctionDef) else []
        if isinstance(function, ast.FunctionDef) and expression.id in given and len(places) <= _FAR:
            for call in (node for node in walk(script.tree) if isinstance(node, ast.Call)):
                if dotted(call.func).split(".")[-1] != function.name:
                    continue
                bound = given[1:] if given[:1] == ["self"] else given
                position = bound.index(expression.id) if expression.id in bound else len(call.args)
                argument = call.args[position] if position < len(call.args) else keyword(call, expression.id)
                if argument is not None:
                    waiting.append((argument, [*places, call]))
            continue
        assigned = script.assigned(expression.id, places[-1].lineno)
        if assigned is not None and _same_scope(script, assigned[1], places[-1]):
            found.append((assigned[0], places))
    return found


def _loops_around(script: Script, place: ast.AST) -> list[ast.For | ast.While]:
    """The loops around a place, as far as the function in which it stands."""
    found: list[ast.For | ast.While] = []
    above = script.parent.get(place)
    while above is not None and not isinstance(above, ast.FunctionDef):
        if isinstance(above, _Loop):
            found.append(above)
        above = script.parent.get(above)
    return found


def first_again(script: Script) -> Iterator[Finding]:
    """`next(iter(loader))` in each turn, or a loop that ends after its first turn: always the first batch of data in one order."""
    for node in walk(script.tree):
        if isinstance(node, ast.Call) and dotted(node.func) == "next" and node.args:
            inner = node.args[0]
            held = isinstance(inner, ast.Call) and dotted(inner.func) == "iter" and bool(inner.args)
            source: ast.expr | None = inner.args[0] if held and isinstance(inner, ast.Call) else None
        elif isinstance(node, ast.For) and isinstance(node.body[-1], ast.Break):
            source = node.iter
            if isinstance(source, ast.Call) and dotted(source.func) == "enumerate" and source.args:
                source = source.args[0]
        else:
            continue
        for value, places in origins(script, source, node) if source is not None else ():
            holder = script.enclosing(node, (ast.FunctionDef,))
            calling = [call for call in walk(script.tree) if isinstance(call, ast.Call) and _names(call, holder)]
            loops = [loop for place in (*places, *calling) for loop in _loops_around(script, place)]
            loop = next((loop for loop in loops if not _within(script, value, loop)), None)
            if (
                loop is None
                or not _in_order(value)
                or not (any(calls(loop, "backward")) or (holder is not None and any(calls(holder, "backward"))))
            ):
                continue
            what = "iter() starts from the beginning in each turn" if isinstance(node, ast.Call) else "the loop ends after its first turn"
            yield at(
                node, "first batch again", f"{what}, and what it goes through (line {value.lineno}) is in one order: every turn of line {loop.lineno} trains on the same first "
                "batch, and the rest of the data is never seen.", f"Go through all of it: for batch in {unparse(source) if source is not None else 'loader'}: ... in each turn.",
            )  # fmt: skip
            break


def _names(call: ast.Call, function: ast.AST | None) -> bool:
    return isinstance(function, ast.FunctionDef) and dotted(call.func).split(".")[-1] == function.name


def made_anew(script: Script) -> Iterator[Finding]:
    """A model, and an optimizer for it, that each turn of a loop over epochs makes from the start: what a turn learned is thrown away."""
    classes = {node.name for node in walk(script.tree) if isinstance(node, ast.ClassDef)}
    building = {node.name for node in walk(script.tree) if isinstance(node, ast.FunctionDef) and _builds(node, classes)}
    for node in walk(script.tree):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _is_model(node.value, classes, building)):
            continue
        target = unparse(node.targets[0])
        holder = script.enclosing(node, (ast.For, ast.While, ast.FunctionDef))
        if holder is None or script.enclosing(node, (ast.If, ast.For, ast.While, ast.FunctionDef)) is not holder:
            continue
        loop = holder if isinstance(holder, _Loop) else _looped_call(script, holder) if isinstance(holder, ast.FunctionDef) else None
        if loop is None or not isinstance(loop, ast.For) or not _COUNTED.match(unparse(loop.target)):
            continue
        trained = any(
            "optim" in dotted(call.func) and f"{target}.parameters()" in unparse(call)
            for call in walk(holder)
            if isinstance(call, ast.Call)
        )
        if not trained or not any(calls(holder, "backward")) or _varies(loop, node.value):
            continue
        yield at(
            node, "model anew", f"{target} is made from the start in each turn of line {loop.lineno}, and an optimizer for it: what the turn before learned is thrown away.",
            "Make the model and its optimizer once, before the loop.",
        )  # fmt: skip


def layer_in_forward(script: Script) -> Iterator[Finding]:
    """`fc = nn.Linear(...)` in forward(): each call makes new weights, which no optimizer knows."""
    for cls in (node for node in walk(script.tree) if isinstance(node, ast.ClassDef)):
        method = next((node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name in ("forward", "__call__")), None)
        if method is None or not any(dotted(base).split(".")[-1] == "Module" for base in cls.bases):
            continue
        for call in walk(method):
            path = dotted(call.func).split(".") if isinstance(call, ast.Call) else [""]
            if (len(path) > 1 and path[-2] != "nn") or not isinstance(call, ast.Call) or not _WEIGHTED.match(path[-1]):
                continue
            if script.enclosing(call, (ast.If, ast.IfExp, ast.FunctionDef)) is not method or (path[-1] == "Parameter" and not _drawn(call)):
                continue
            yield at(
                call, "layer in forward", f"Each call of {method.name}() makes a new {path[-1]} with new numbers: no optimizer knows it, and what a step would teach it is lost.",
                f"Make it once, in __init__: self.layer = {unparse(call)[:60]}.",
            )  # fmt: skip


def _drawn(call: ast.Call) -> bool:
    """Whether a Parameter is made of new numbers, and of nothing that was computed."""
    return bool(call.args) and isinstance(call.args[0], ast.Call) and dotted(call.args[0].func).startswith("torch.")


def _yields(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in walk(function))


def _endless(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.While) for node in walk(function))


def _leaves_early(script: Script, loop: ast.For) -> bool:
    """Whether a loop may end before what it goes through does: the next turn then goes on where it stopped."""
    return any(isinstance(node, ast.Break) and script.enclosing(node, (ast.For, ast.While)) is loop for node in walk(loop)) or any(
        isinstance(node, ast.Return) for node in walk(loop)
    )


def _within(script: Script, node: ast.AST, loop: ast.AST) -> bool:
    above = script.parent.get(node)
    while above is not None and above is not loop:
        above = script.parent.get(above)
    return above is loop


def _same_scope(script: Script, one: ast.AST, other: ast.AST) -> bool:
    """Whether the assignment is seen where the loop stands: in the same function, or in the module."""
    holder = script.enclosing(one, (ast.FunctionDef,))
    return holder is None or holder is script.enclosing(other, (ast.FunctionDef,))


def _in_order(value: ast.expr) -> bool:
    """Whether what is gone through gives its batches in one order: a DataLoader without shuffle and sampler, parts of a tensor."""
    if not isinstance(value, ast.Call):
        return False
    name = dotted(value.func).split(".")[-1]
    if name in ("split", "chunk"):
        return True
    if name != "DataLoader" or any(word.arg is None for word in value.keywords) or len(value.args) > 2:
        return False
    shuffle = keyword(value, "shuffle")
    drawn = any(keyword(value, word) is not None for word in ("sampler", "batch_sampler"))
    return not drawn and (shuffle is None or (isinstance(shuffle, ast.Constant) and not shuffle.value))


def _builds(function: ast.FunctionDef, classes: set[str]) -> bool:
    """Whether a function gives back a model that it makes."""
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Call) and _is_model(node.value, classes, set())
        for node in walk(function)
    )


def _is_model(call: ast.Call, classes: set[str], building: set[str]) -> bool:
    path = dotted(call.func).split(".")
    if len(path) == 1:
        return path[0] in classes or path[0] in building or path[0] in _BUILT_OF
    return path[-2] == "nn" and (path[-1] in _BUILT_OF or bool(_WEIGHTED.match(path[-1])))


def _looped_call(script: Script, function: ast.FunctionDef) -> ast.AST | None:
    """The loop around the only call of a function, where the call is given nothing that changes from turn to turn."""
    found = [node for node in walk(script.tree) if isinstance(node, ast.Call) and _names(node, function)]
    if len(found) != 1:
        return None
    loop = script.enclosing(found[0], (ast.For, ast.While, ast.FunctionDef))
    return loop if isinstance(loop, ast.For) and not _varies(loop, found[0]) else None


def _varies(loop: ast.For, call: ast.Call) -> bool:
    """Whether a call is given what the loop counts: then each turn tries something else."""
    counted = {node.id for node in walk(loop.target) if isinstance(node, ast.Name)}
    given = {
        node.id
        for argument in (*call.args, *(word.value for word in call.keywords))
        for node in walk(argument)
        if isinstance(node, ast.Name)
    }
    return bool(counted & given)
