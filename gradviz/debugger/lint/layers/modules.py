"""Rules of modules and optimizers: parameters that nobody registers, or that the optimizer does not know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted, keyword

_ERRORS = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "cross_entropy", "nll_loss")
_OF_DISTANCES = ("CosineEmbeddingLoss", "MarginRankingLoss")  # what they are given may have any sign
_WITHOUT = re.compile(
    r"\.(\w+Loss|\w*ReLU|Tanh|Sigmoid|GELU|SiLU|ELU|SELU|Softplus|Softmax|Identity|Flatten|(Avg|Max)Pool\dd)$"
)  # modules without weights
_LOWERED = ("loss", "cost", "err", "mse", "nll", "energy", "objective")  # what a root is called that is to become smaller


def plain_list(script: Script) -> Iterator[Finding]:
    """Layers in a Python list of a module: parameters() does not see them."""
    own = _own_modules(script)
    for node in walk(script.tree):
        if not (isinstance(node, ast.ClassDef) and any(dotted(base).split(".")[-1] == "Module" for base in node.bases)):
            continue
        text = unparse(node)
        for stmt in walk(node):
            if (
                isinstance(stmt, ast.Assign)
                and isinstance(stmt.targets[0], ast.Attribute)
                and isinstance(stmt.value, ast.List | ast.ListComp | ast.Dict)
            ):
                target = unparse(stmt.targets[0])
                layers = [
                    c
                    for c in walk(stmt.value)
                    if isinstance(c, ast.Call) and "nn." in dotted(c.func) + "." and not _WITHOUT.search(dotted(c.func))
                ]
                layers += [c for c in _put_into(node, target) if _is_layer(c) or dotted(c.func) in own]
                wrapped = any(
                    f"{kind}({target})" in text or f"{kind}(*{target})" in text for kind in ("ModuleList", "Sequential", "ModuleDict")
                )
                if layers and not wrapped:
                    yield at(
                        stmt, "plain list", f"{target} is a plain Python container: the module does not register the layers in it, and parameters() leaves them out.",
                        "Use nn.ModuleList (or nn.ModuleDict).",
                    )  # fmt: skip


def _put_into(node: ast.ClassDef, target: str) -> Iterator[ast.Call]:
    """The calls whose results a class appends to a container, or puts under a key of it."""
    for stmt in walk(node):
        values: list[ast.expr] = []
        if isinstance(stmt, ast.Call) and isinstance(stmt.func, ast.Attribute) and stmt.func.attr in ("append", "extend", "insert"):
            values = stmt.args if unparse(stmt.func.value) == target else []
        elif (isinstance(stmt, ast.AugAssign) and unparse(stmt.target) == target) or (
            isinstance(stmt, ast.Assign) and any(isinstance(t, ast.Subscript) and unparse(t.value) == target for t in stmt.targets)
        ):
            values = [stmt.value]
        yield from (call for value in values for call in walk(value) if isinstance(call, ast.Call))


def old_model(script: Script) -> Iterator[Finding]:
    """A model that is made anew after its optimizer."""
    made = sorted(script.assignments, key=lambda row: row[2].lineno)
    for name, call in script.optimizers.items():
        models = {name_ for c, name_ in calls(call, "parameters") if c is not None and name_}
        for target, value, node in made:
            if (
                target in models
                and node.lineno > call.lineno
                and any(known == name and step.lineno > node.lineno for step, known in calls(script.tree, "step"))
                and isinstance(value, ast.Call)
                and script.parent.get(node) is script.parent.get(script.parent[call])
            ):
                yield at(
                    node, "old model", f"{name} (line {call.lineno}) holds the parameters of the {target} before; those of this one it will never move.",
                    "Make the optimizer after the model.",
                )  # fmt: skip


def uphill(script: Script) -> Iterator[Finding]:
    """`w += lr * w.grad`: along the gradient, which is uphill."""
    for node in walk(script.tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name | ast.Attribute):
            target = unparse(node.target).removesuffix(".data")
            text = unparse(node.value)
            roots = {name.lower() for _, name in calls(script.tree, "backward")}
            lowered = any(not name or word in name for name in roots for word in _LOWERED)
            if text.endswith(f"{target}.grad") and not text.startswith("-") and lowered:
                yield at(node, "uphill", f"This moves {target} along its gradient: the loss grows.", f"Step against it: {target} -= ...")


def negated(script: Script) -> Iterator[Finding]:
    """`loss = -F.mse_loss(...)` or `(-loss).backward()`, and an optimizer of the model: the error is made larger."""
    trained = any(any(calls(call, "parameters")) for call in script.optimizers.values()) and not any(_maximizing(script))
    roots = [call.func.value for call, _ in calls(script.tree, "backward") if isinstance(call.func, ast.Attribute)]
    ended = {root.id for root in roots if isinstance(root, ast.Name)}
    values: list[tuple[str, ast.expr, ast.expr | ast.stmt]] = [
        (name, value, node) for name, value, node in script.assignments if name in ended
    ]
    values += [(unparse(root), root, root) for root in roots if isinstance(root, ast.UnaryOp)]
    for name, value, node in values if trained else ():
        inner = value.operand if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) else None
        error = _error(script, inner) if inner is not None else ""
        if error:
            yield at(
                node, "uphill", f"{name} is the negative of {error}: making it smaller makes the error larger.", "Leave the minus away."
            )


def maximized(script: Script) -> Iterator[Finding]:
    """`SGD(model.parameters(), maximize=True)` and a loss that measures an error: each step makes it larger."""
    roots = [call.func.value for call, _ in calls(script.tree, "backward") if isinstance(call.func, ast.Attribute)]
    errors = {error for root in roots if (error := _error(script, root))}
    for call in _maximizing(script):
        if errors and any(calls(call, "parameters")):
            yield at(
                call, "uphill", f"maximize=True steps along the gradient of {min(errors)}: the error is made larger.", "Leave maximize=True away: an error is to become small.",
            )  # fmt: skip


def _maximizing(script: Script) -> Iterator[ast.Call]:
    for node in walk(script.tree):
        if isinstance(node, ast.Call) and isinstance(value := keyword(node, "maximize"), ast.Constant) and value.value is True:
            yield node


def _error(script: Script, value: ast.expr, depth: int = 0) -> str:
    """What an expression measures, if it is an error that should be small: the call of a loss function, or a name for one."""
    if isinstance(value, ast.Call):
        name = dotted(value.func).split(".")[-1]
        if name in _ERRORS:
            return name
        made = [given for known, given in _held(script) if known == dotted(value.func)]
        kind = dotted(made[-1].func).split(".")[-1] if made and isinstance(made[-1], ast.Call) else ""
        return kind if kind.endswith("Loss") and kind not in _OF_DISTANCES else ""
    if isinstance(value, ast.Name) and not depth:
        found = script.assigned(value.id, value.lineno)
        return _error(script, found[0], 1) if found is not None else ""
    return ""


def _held(script: Script) -> list[tuple[str, ast.expr]]:
    """What names and attributes were assigned, such as self.criterion."""
    return [(unparse(target), node.value) for node in walk(script.tree) if isinstance(node, ast.Assign) for target in node.targets]


def one_layer_many_times(script: Script) -> Iterator[Finding]:
    """`[nn.Linear(4, 4)] * 3`, or a module of the script's own: one layer, three times."""
    own = _own_modules(script)
    for node in walk(script.tree):
        layer: ast.expr | None = None
        if not isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            listed = next((side for side in (node.left, node.right) if isinstance(side, ast.List) and len(side.elts) == 1), None)
            layer = listed.elts[0] if listed is not None else None
        elif isinstance(node, ast.ListComp) and isinstance(node.elt, ast.Name):
            found = script.assigned(node.elt.id, node.lineno)
            layer = found[0] if found is not None and node.elt.id not in _bound(node) else None
        if isinstance(layer, ast.Call) and (_is_layer(layer) or dotted(layer.func) in own):
            yield at(
                node, "one layer", f"This is one {dotted(layer.func).split('.')[-1]} several times, not several: they share one set of weights.",
                f"Make one in each turn: [{unparse(layer)} for _ in range(n)].",
            )  # fmt: skip


def _own_modules(script: Script) -> set[str]:
    """The classes of the script that have weights of their own: modules that make layers or parameters."""
    classes = [node for node in walk(script.tree) if isinstance(node, ast.ClassDef)]
    known: set[str] = set()
    for node in (*classes, *classes):  # twice: one may stand on another
        bases = {dotted(base).split(".")[-1] for base in node.bases}
        made = [call for call in walk(node) if isinstance(call, ast.Call)]
        if bases & {"Module", "Sequential", *known} and any(
            _is_layer(call) or dotted(call.func).endswith("Parameter") or dotted(call.func) in known for call in made
        ):
            known.add(node.name)
    return known


def _is_layer(call: ast.Call) -> bool:
    path = dotted(call.func).split(".")
    return (
        len(path) > 1
        and path[-2] == "nn"
        and path[-1][:1].isupper()
        and path[-1] not in ("Parameter", "ReLU", "Tanh", "Sigmoid", "Identity")
    )


def _bound(node: ast.ListComp) -> set[str]:
    return {n.id for generator in node.generators for n in walk(generator.target) if isinstance(n, ast.Name)}


def dropout_for_ever(script: Script) -> Iterator[Finding]:
    """F.dropout in a module without `training=self.training`."""
    for node in walk(script.tree):
        if not (isinstance(node, ast.Call) and dotted(node.func).endswith(("F.dropout", "functional.dropout"))):
            continue
        if len(node.args) < 3 and keyword(node, "training") is None and script.enclosing(node, (ast.ClassDef,)) is not None:
            yield at(
                node, "dropout", "F.dropout goes on after model.eval(): its training argument is True unless it is given.",
                "Pass training=self.training, or use nn.Dropout.",
            )  # fmt: skip


def living_model(script: Script) -> Iterator[Finding]:
    """`best_model = model` in the loop that trains it: a second name for the model, and no copy of what it was then."""
    trained = {name for call, name in calls(script.tree, "parameters") if name and "optim" in unparse(script.parent[call])}
    for node in walk(script.tree):
        if (
            not isinstance(node, ast.Assign)
            or script.enclosing(node, (ast.For, ast.While)) is None
            or script.enclosing(node, (ast.If,)) is None
        ):
            continue
        for target, value in pairs(node):
            if not (isinstance(target, ast.Name | ast.Attribute) and isinstance(value, ast.Name) and value.id in trained):
                continue
            loop = script.enclosing(node, (ast.For, ast.While))
            steps = any(name in script.optimizers for _, name in calls(loop, "step")) if loop is not None else False
            if steps and unparse(target) != value.id:
                yield at(
                    node, "living state", f"{unparse(target)} is another name for {value.id} and no copy: the steps that follow change it as well, and in the end it is the last "
                    "model, not the best.", f"Copy it: {unparse(target)} = copy.deepcopy({value.id}).",
                )  # fmt: skip


def pairs(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    """Each target of an assignment with its value, also of `a, b = c, d`."""
    found: list[tuple[ast.expr, ast.expr]] = []
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) and len(target.elts) == len(node.value.elts):
            found += zip(target.elts, node.value.elts, strict=True)
        else:
            found.append((target, node.value))
    return found


def living_state(script: Script) -> Iterator[Finding]:
    """`best = model.state_dict()` that is loaded again after more training: it holds the living tensors."""
    loads = [call for call, _ in calls(script.tree, "load_state_dict") if call.args]
    loaded = {unparse(call.args[0]) for call in loads}
    steps = [call.lineno for call, _ in calls(script.tree, "step") if _of_an_optimizer(script, call)]
    mixed = {  # its entries get new tensors before it is loaded: a slow copy of a model, sd[key] = 0.05 * other[key] + 0.95 * sd[key]
        unparse(node.value) for node in walk(script.tree) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    assigned = [node for node in walk(script.tree) if isinstance(node, ast.Assign)]
    for node in assigned:
        for target, value in pairs(node):
            name = unparse(target)
            if name not in loaded or name in mixed or not _is_state(value):
                continue
            looped = script.enclosing(node, (ast.For, ast.While)) is not None
            held = isinstance(target, ast.Attribute | ast.Subscript)  # what outlives the function that keeps it
            later = any(
                node.lineno < line and (line < load.lineno or _turns_to(script, load, line))
                for load in loads
                for line in steps
                if unparse(load.args[0]) == name
            )
            if later or ((looped or held) and steps):  # one that is loaded before anything is trained is as it was
                yield at(
                    node, "living state", f"{name} holds the parameters themselves and no copy: each step() changes them, and loading {name} changes nothing.",
                    f"Copy it: {name} = copy.deepcopy({unparse(value)}).",
                )  # fmt: skip


def _is_state(value: ast.expr) -> bool:
    """Whether an expression is `model.state_dict()`, or a dict() of it, which copies no tensor."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("dict", "OrderedDict") and value.args:
        value = value.args[0]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "copy" and not value.args:
        value = value.func.value
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "state_dict"


def _of_an_optimizer(script: Script, call: ast.Call) -> bool:
    """Whether step() is called on what an optimizer was assigned to, a name or an attribute."""
    held = unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return held in script.optimizers or any(
        "optim." in dotted(value.func) + "." for text, value in _held(script) if text == held and isinstance(value, ast.Call)
    )


def _turns_to(script: Script, load: ast.Call, line: int) -> bool:
    """Whether a step comes before what stands above it, in a turn before."""
    loop = script.enclosing(load, (ast.For, ast.While))
    return isinstance(loop, ast.For | ast.While) and loop.lineno <= line <= (loop.end_lineno or 0)


def learned_buffer(script: Script) -> Iterator[Finding]:
    """`self.register_buffer("beta", ...)` and `net.beta.grad` elsewhere: a buffer is no parameter, and never has a gradient."""
    asked = {
        node.value.attr: node.lineno
        for node in walk(script.tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "grad"
        and isinstance(node.value, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
    }
    for call, _ in calls(script.tree, "register_buffer"):
        name = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
        if isinstance(name, str) and name in asked and "requires_grad" not in unparse(call):
            yield at(
                call, "learned buffer", f"{name} is a buffer: it is saved with the module, and it is no parameter. No gradient comes to it, no optimizer moves it, and {name}.grad (line {asked[name]}) is None.",
                f"Make it a Parameter: self.{name} = nn.Parameter(...).",
            )  # fmt: skip


def unloaded_state(script: Script) -> Iterator[Finding]:
    """`state = slow.state_dict()` whose entries get new tensors, and that goes nowhere: the model keeps its own."""
    assigned = [node for node in walk(script.tree) if isinstance(node, ast.Assign)]
    for node in assigned:
        for target, value in pairs(node):
            model = unparse(value.func.value) if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) else ""
            if not isinstance(target, ast.Name) or not model or not _is_state(value):
                continue
            holder = script.enclosing(node, (ast.FunctionDef,)) or script.tree
            uses = [use for use in walk(holder) if isinstance(use, ast.Name) and use.id == target.id and isinstance(use.ctx, ast.Load)]
            above = [script.parent[use] for use in uses]
            stores = [one for one in above if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)]
            if stores and all(_only_looked_into(one) for one in above):
                entry = unparse(stores[0])
                yield at(
                    stores[0], "unloaded state", f"{entry} gets a new tensor, and {target.id} is a dictionary of its own: the tensors of {model} stay as they are.",
                    f"Write into the tensor: {entry}.copy_(...); or load it afterwards: {model}.load_state_dict({target.id}).",
                )  # fmt: skip


def _only_looked_into(above: ast.AST) -> bool:
    """Whether what stands around a dictionary takes its entries one by one, and hands it to nobody."""
    if isinstance(above, ast.Call):
        return dotted(above.func) in ("len", "zip", "sorted", "print", "enumerate")
    return isinstance(above, ast.Subscript | ast.Attribute | ast.For | ast.comprehension | ast.Compare)
