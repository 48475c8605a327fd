"""The lines of a program that train: `optimizer = torch.optim.Adam([w], lr=0.1)`, `for epoch in range(20):`, `loss.backward()`, ...

They become no nodes: the document's training is set as they say. What `to_code` writes of a training is read back as the same one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..model import Param, Part, Training
from ..problem import DocumentProblem
from ..run.training import check_options, optimizers, schedulers

MOST_EPOCHS = 1_000_000
_HOMES = ("", "optim.", "torch.optim.", "lr_scheduler.", "optim.lr_scheduler.", "torch.optim.lr_scheduler.")
_COUNTERS = ("steps", "step", "i", "k")
_COUNTS = {  # what the numbers of a training are called, and the field that each is
    **dict.fromkeys(("epochs", "n_epochs", "num_epochs", "nb_epochs", "EPOCHS", "N_EPOCHS", "NUM_EPOCHS"), "epochs"),
    **dict.fromkeys(("batch_size", "batch", "BATCH_SIZE"), "batch"),
}


class TrainingLines:
    """Takes the statements that belong to a training.

    Args:
        known: the blocks by the names of variables; the rows of a batch get the name of their tensor.
        layers: the blocks that the layers of a variable have become.
        read: reads any other statement.
    """

    def __init__(self, known: dict[str, str], layers: Mapping[str, Sequence[str]], read: Callable[[ast.stmt], None]) -> None:
        self._known, self._layers, self._read = known, layers, read
        self._said: dict[str, Any] = {}  # fields of the training
        self._names: set[str] = set()  # the variables of optimizers and schedulers
        self._optimizers: dict[str, tuple[Part, list[str]]] = {}  # by their variables, with the names that they move
        self._order: list[tuple[str, str]] = []  # what goes backward and what steps, in the order of the lines
        self._loops: list[str] = []  # the variables of the loops that are open
        self._counts: dict[str, int] = {}  # the variables that hold the number of epochs, or of rows
        self._shuffled: set[str] = set()  # the variables of rows in another order, and of a step's part of them
        self._looped = self._cleared = self._closing = False

    @property
    def spoke(self) -> bool:
        """Whether any line was about a training."""
        return self._looped or bool(self._said)

    @property
    def inside(self) -> bool:
        """Whether the lines stand in the loop of a training, or in what its optimizer calls."""
        return bool(self._loops) or self._closing

    def training(self, before: Training) -> Training:
        """The training that the lines leave; the one before where there were none."""
        said = dict(self._said)
        if self._looped:
            said = {
                "optimizer": "",
                "options": {},
                "scheduler": "",
                "scheduler_options": {},
                "batch": 0,
                "shuffle": False,
                "clip": 0.0,
                **said,
            }
            if not self._cleared:
                said["zero_grad"] = "never"
            said |= self._parts()
        return replace(before, **said) if said else before

    def _parts(self) -> dict[str, Any]:
        """What several losses or optimizers are; nothing where there is one of each."""
        order = list(dict.fromkeys(self._order))
        steps = [name for kind, name in order if kind == "step" and name in self._optimizers]
        if len(steps) < 2 and len(order) - len(steps) < 2:
            return {}
        parts: list[Part] = []
        for kind, name in order:
            if kind == "loss":
                parts.append(Part(name))
            elif name in self._optimizers:
                made, moves = self._optimizers[name]
                blocks = tuple(dict.fromkeys(b for n in moves for b in ([self._known[n]] if n in self._known else self._layers.get(n, ()))))
                made = replace(made, moves=blocks if len(steps) > 1 else ())
                if parts and not parts[-1].optimizer:
                    parts[-1] = replace(made, loss=parts[-1].loss)
                else:
                    parts.append(made)
        first = parts[0]
        return {**{f: getattr(first, f) for f in ("loss", "optimizer", "options", "moves")}, "others": tuple(parts[1:])}

    def takes(self, node: ast.stmt) -> bool:
        """Whether a statement belongs to a training; then it is read.

        Raises:
            DocumentProblem: it has an option that there is none of.
        """
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return self._called(node.value)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            return self._assigned(node.targets[0], node.value)
        if isinstance(node, ast.AugAssign):
            return isinstance(node.target, ast.Name) and node.target.id in _COUNTERS and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.For) and not node.orelse:
            return self._loop(node)
        if isinstance(node, ast.FunctionDef):
            return self._closure(node)
        if isinstance(node, ast.Return):
            return self._closing
        return isinstance(node, ast.If) and not node.orelse and self._every(node)

    def _assigned(self, target: ast.expr, value: ast.expr) -> bool:
        if isinstance(target, ast.Attribute) and target.attr == "grad" and isinstance(value, ast.Constant) and value.value is None:
            return self._clears(True)
        if not isinstance(target, ast.Name):
            return False
        if isinstance(value, ast.Call) and self._plans(value, target.id):
            self._names.add(target.id)
            return True
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "step":
            return ast.unparse(value.func.value) in self._names  # loss = optimizer.step(closure)
        if self._loops and self._rows(target.id, value):
            return True
        return self._counted(target.id, value) or (target.id in _COUNTERS and isinstance(value, ast.Constant) and value.value == 0)

    def _rows(self, name: str, value: ast.expr) -> bool:
        """Whether rows of a batch get a name, or their new order: x_batch = x[start : start + 4], or x[shuffled[start : start + 4]]."""
        if isinstance(value, ast.Call) and ast.unparse(value.func) in ("torch.randperm", "randperm"):
            self._shuffled.add(name)
            self._said["shuffle"] = True
            return True
        if not isinstance(value, ast.Subscript) or not isinstance(value.value, ast.Name):
            return False
        if self._part(value) and self._another(value.value):
            self._shuffled.add(name)
            return True
        cut = value.slice
        if not self._part(value) and not self._another(cut.value if isinstance(cut, ast.Subscript) and self._part(cut) else cut):
            return False
        whole = self._known.get(value.value.id)
        if whole is not None:
            self._known[name] = whole
        return whole is not None

    def _another(self, node: ast.expr) -> bool:
        """Whether something is rows in another order."""
        return isinstance(node, ast.Name) and node.id in self._shuffled

    def _part(self, node: ast.expr) -> bool:
        """Whether something is cut from where the inner loop stands: [start : start + 4]."""
        if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
            return False
        return isinstance(node.slice.lower, ast.Name) and node.slice.lower.id == self._loops[-1]

    def _counted(self, name: str, value: ast.expr) -> bool:
        """Whether the number of epochs or of the rows of a batch has a name: epochs = 50."""
        number = value.value if isinstance(value, ast.Constant) and type(value.value) is int else 0
        if name not in _COUNTS or name in self._known or not 0 < number <= MOST_EPOCHS:
            return False
        self._counts[name] = self._said[_COUNTS[name]] = number
        return True

    def _count(self, node: ast.expr | None) -> int:
        """A number that is written, or has a name; 0 for none."""
        found = self._counts.get(node.id, 0) if isinstance(node, ast.Name) else getattr(node, "value", 0)
        return found if type(found) is int and 0 < found <= MOST_EPOCHS else 0

    def _called(self, call: ast.Call) -> bool:
        if self._plans(call):
            return True
        function = call.func
        if ast.unparse(function).rpartition(".")[2] == "clip_grad_norm_":
            return self._clips(call)
        if not isinstance(function, ast.Attribute):
            return False
        whose = ast.unparse(function.value)
        if function.attr == "backward" and self.inside:
            if whose in self._known:
                self._said["loss"] = self._known[whose]
                self._order.append(("loss", self._known[whose]))
            return True
        if function.attr == "zero_grad":
            return self._clears(all(ast.unparse(k.value) != "False" for k in call.keywords))
        if function.attr == "zero_" and whose.endswith(".grad"):
            return self._clears(False)
        if function.attr == "step" and whose in self._names:
            self._order.append(("step", whose))
            return True
        return False

    def _clips(self, call: ast.Call) -> bool:
        """torch.nn.utils.clip_grad_norm_([w], 1.0); typed by itself clip_grad_norm_(1.0) will do."""
        given = next((k.value for k in call.keywords if k.arg == "max_norm"), call.args[min(1, len(call.args) - 1)] if call.args else None)
        value = _number(given) if given is not None else None
        if not isinstance(value, (int, float)) or value <= 0:
            raise DocumentProblem("gradients are clipped to a length: clip_grad_norm_([w], 1.0)")
        self._said["clip"] = float(value)
        return True

    def _closure(self, node: ast.FunctionDef) -> bool:
        """The function that an optimizer calls: what it computes are nodes, and its loss goes backward."""
        calls = (c for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute))
        if node.args.args or not any(ast.unparse(c.func).endswith(".backward") for c in calls):
            return False
        self._closing = True
        for inner in node.body:
            self._read(inner)
        self._closing = False
        return True

    def _clears(self, to_none: bool) -> bool:
        self._cleared = True
        self._said.setdefault("zero_grad", "each")
        self._said["to_none"] = to_none
        return True

    def _plans(self, call: ast.Call, variable: str = "") -> bool:
        """Whether an optimizer or a scheduler is made; `variable` holds it."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        path = ast.unparse(call.func).removesuffix(name)
        known: Mapping[str, Mapping[str, Param]] = optimizers()
        field, options = "optimizer", "options"
        if name not in known:
            known, field, options = schedulers(), "scheduler", "scheduler_options"
        if name not in known or path not in _HOMES:
            return False
        placed = [a for a in call.args if isinstance(a, ast.Constant)]
        given = dict(zip(known[name], (_number(a) for a in placed), strict=False))
        given |= {k.arg: _number(k.value) for k in call.keywords if k.arg}
        check_options(name, given, known[name])
        if field == "optimizer" and "lr" in known[name]:
            given = {"lr": known[name]["lr"], **given}
        self._said |= {field: name, options: given}
        if field == "optimizer":
            self._optimizers[variable] = Part("", name, given), _moved(call.args[0]) if call.args else []
        return True

    def _loop(self, node: ast.For) -> bool:
        """`for epoch in range(20):`, and in it `for start in range(0, len(x), 4):`."""
        numbers = node.iter.args if isinstance(node.iter, ast.Call) and ast.unparse(node.iter.func) == "range" else []
        if not isinstance(node.target, ast.Name) or len(self._loops) > 1:
            return False
        last = self._count(numbers[-1]) if numbers else 0
        if not last:
            return False
        if not self._loops and len(numbers) == 1:
            self._said["epochs"] = last
        elif self._loops and len(numbers) == 3 and ast.unparse(numbers[1]).startswith(("len(", "x.shape", "x.size")):
            self._said["batch"] = last
        else:
            return False
        self._looped = True
        self._loops.append(node.target.id)
        for inner in node.body:
            self._read(inner)
        self._loops.pop()
        return True

    def _every(self, node: ast.If) -> bool:
        """`if steps % 2 == 0:` around what clears."""
        words = ast.unparse(node.test).replace(" ", "").removesuffix("==0")
        number = words.rpartition("%")[2]
        if words.endswith("==0") or "%" not in words or not number.isdigit() or not 0 < int(number) <= MOST_EPOCHS:
            return False
        steps = any(isinstance(inner, ast.Expr) and ast.unparse(inner).endswith(".step()") for inner in node.body)
        waits = steps or self._said.get("zero_grad") == "accumulate"
        self._said |= {"zero_grad": "accumulate" if waits else "every", "every": int(number)}
        for inner in node.body:
            self._read(inner)
        return self._cleared


def _moved(node: ast.expr) -> list[str]:
    """The variables of what an optimizer is given: [w, b, *layer.parameters()]."""
    rows = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    found = (row.value if isinstance(row, ast.Starred) else row for row in rows)
    return [ast.unparse(one).removesuffix(".parameters()") for one in found]


def _number(node: ast.expr) -> Param:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise DocumentProblem(f"“{ast.unparse(node)[:40]}” is no number") from None
    if isinstance(value, (list, tuple)) and all(isinstance(n, (int, float)) for n in value):
        return tuple(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise DocumentProblem(f"“{ast.unparse(node)[:40]}” is no number")
