"""Errors whose cause stands in a definition: the backward of a Function, the __init__ of a Module, numbers of another dtype."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind
from ...script.syntax import syntax_tree, unparse, walk
from ...words.names import node_title
from ..finding import Diagnosis, Fix, last_of_line, source_line
from ..operands import operands

if TYPE_CHECKING:
    from ....recording.event import Event
    from ...recorded_run import RecordedRun

_DTYPES = {"Double": "float64", "Float": "float32", "Long": "int64", "Int": "int32", "Half": "float16", "BFloat16": "bfloat16"}


def returned(source: str, name: str, method: str) -> int:
    """The line of the last return of a class's method, 0 where there is none."""
    return max((node.lineno for node in _method(source, name, method) if isinstance(node, ast.Return)), default=0)


def handed_in(source: str, name: str, line: int, far: int = 3) -> str:
    """What the callers call an argument of the function that a line stands in; "" where it is none, or is no name."""
    tree = syntax_tree(source)
    around = [node for node in walk(tree) if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or line)]
    function = max(around, key=lambda node: node.lineno, default=None)
    names = [argument.arg for argument in function.args.args if argument.arg != "self"] if function is not None else []
    if function is None or name not in names:
        return ""
    for call in (node for node in walk(tree) if isinstance(node, ast.Call)):
        place = names.index(name)
        if (
            unparse(call.func).split(".")[-1] == function.name
            and place < len(call.args)
            and isinstance(given := call.args[place], ast.Name)
        ):
            return (handed_in(source, given.id, call.lineno, far - 1) if far else "") or given.id
    return ""


def _method(source: str, name: str, method: str) -> list[ast.AST]:
    tree = syntax_tree(source)
    classes = (node for node in walk(tree) if isinstance(node, ast.ClassDef) and node.name == name)
    return [
        inner for cls in classes for stmt in cls.body if isinstance(stmt, ast.FunctionDef) and stmt.name == method for inner in walk(stmt)
    ]


def init_forgotten(run: RecordedRun, _text: str, line: int) -> Diagnosis:
    """A Module that was not set up before something was put into it."""
    source = run.recording.source
    tree = syntax_tree(source)
    classes = [node for node in walk(tree) if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0)]
    init = next((s for node in classes for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
    name = classes[-1].name if classes else "The module"
    fix = None
    if init is not None:
        first = init.body[0]
        before = source_line(run, first.lineno)
        indent = before[: len(before) - len(before.lstrip())]
        fix = Fix(first.lineno, before, f"{indent}super().__init__()\n{before}")
    return Diagnosis(
        "init not called", f"__init__ of {name} puts something into the module in line {line} before nn.Module has set it up.", fix=fix,
        advice="Call super().__init__() first.", line=init.body[0].lineno if init is not None else line,
    )  # fmt: skip


def model_for_parameters(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """An optimizer that was given the model itself."""
    before = source_line(run, line)
    given = re.search(
        r"(?:\boptim\.)?\b(?:SGD|\w*Adam\w*|Adagrad|Adadelta|RMSprop|Rprop|ASGD|LBFGS)\(\s*(?:params\s*=\s*)?([A-Za-z_][\w.]*)\s*[,)]",
        before,
    )
    kind = re.search(r"'(\w+)' object is not iterable", text)
    if given is None or kind is None:
        return None
    at = given.end(1)
    return Diagnosis(
        "model for its parameters", f"The optimizer of line {line} is given {given[1]}, the {kind[1]} itself: it wants the tensors that it is to move.",
        fix=Fix(line, before, f"{before[:at]}.parameters(){before[at:]}"), advice=f"{given[1]}.parameters() gives them.", line=line,
    )  # fmt: skip


def _dtype(run: RecordedRun, made: Event) -> str:
    """Of what an event wrote, "" where it wrote nothing."""
    return run.recording.form(made.writes[0].value)[1] if made.writes and made.writes[0].value >= 0 else ""


def _as_float(run: RecordedRun, made: Event | None) -> Fix | None:
    """The one line that makes a tensor from other data, with .float() behind."""
    before = source_line(run, made.line) if made is not None and made.kind == Kind.CREATE_LEAF else ""
    body = syntax_tree(before.strip()).body
    one = body[0] if len(body) == 1 and isinstance(body[0], ast.Assign) and isinstance(body[0].value, ast.Call) else None
    if made is None or one is None or not before.rstrip().endswith(")") or not isinstance(one.targets[0], ast.Name):
        return None
    return Fix(made.line, before, f"{before.rstrip()}.float()")


def dtypes(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """An op of float64 and float32: which line made the numbers that are not float32."""
    found = re.search(r"\b(Double|Float|Half|BFloat16|Long|Int)\b.*?\b(Double|Float|Half|BFloat16|Long|Int)\b", text)
    if found is None:
        return None
    trace, recording = run.trace, run.recording
    strange = next((_DTYPES[word] for word in found.groups() if word != "Float"), "float64")
    named = next((each.made for each in operands(run, line) if each.named and _dtype(run, each.made) == strange), None)
    rows = np.flatnonzero(run.columns.kind == int(Kind.CREATE_LEAF)).tolist()
    made = named or next(
        (event for row in reversed(rows) if _dtype(run, event := trace.event(row)) == strange),
        None,
    )
    name = node_title(trace, recording.sites[made.site]) if made is not None and made.site >= 0 else ""
    where = f": {name} (line {made.line}) is {strange}" if made is not None else ""
    halves = re.search(r"\.(half|bfloat16)\(\)", recording.source) if strange in ("float16", "bfloat16") and made is None else None
    if halves is not None:  # the layer is the odd one: what it is given never was of its dtype
        at = recording.source.count("\n", 0, halves.start()) + 1
        return Diagnosis(
            "dtypes differ", f"Line {line} brings numbers of two dtypes together: line {at} makes parameters {strange}, and what they meet is float32.", last_of_line(run, line), line=at,
            advice=f"Convert what goes in as well (x.{halves[1]}()), or leave both float32 and let torch.autocast choose.",
        )  # fmt: skip
    why = ", which is what numpy makes unless told otherwise" if strange == "float64" and where else ""
    return Diagnosis(
        "dtypes differ", f"Line {line} brings numbers of two dtypes together{where}{why}; a layer's parameters are float32.",
        made.index if made is not None else -1, (made.site,) if made is not None and made.site >= 0 else (), _as_float(run, made),
        f"Convert it: {name or 'x'}.float(), or make it with dtype=torch.float32." if strange != "int64" else f"Convert it: {name or 'x'}.float().",
    )  # fmt: skip
