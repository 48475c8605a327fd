"""Calls that lack what they need: a list of layers that is called, an argument that is missing, a mode without (), more steps than a schedule has."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Diagnosis, Fix, replaced, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_CONTAINERS = {"ModuleList": "a list of layers", "ModuleDict": "a dictionary of layers"}


def no_forward(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """A container that is called, or a module whose forward stands in the wrong place or under another name."""
    found = re.search(r"Module \[(\w+)\] is missing the required \"forward\" function", text)
    if found is None:
        return None
    name = found[1]
    if name in _CONTAINERS:
        return Diagnosis(
            "no forward", f"Line {line} calls a {name}, which is {_CONTAINERS[name]} and no layer itself: it does not know in which order they are to run.",
            advice="Go through it: for layer in self.layers: x = layer(x). Or make it nn.Sequential(*layers), which can be called.", line=line,
        )  # fmt: skip
    cls = next((node for node in walk(syntax_tree(run.recording.source)) if isinstance(node, ast.ClassDef) and node.name == name), None)
    inner = next((node for node in walk(cls) if isinstance(node, ast.FunctionDef) and node.name == "forward"), None) if cls else None
    if cls is None:
        return None
    where = (
        f"forward (line {inner.lineno}) is indented too far: it stands inside of another method and belongs to that"
        if inner
        else "it defines none"
    )
    return Diagnosis(
        "no forward", f"{name} is called in line {line} and has no forward(): {where}.", advice="def forward(self, x) belongs to the class, indented as __init__ is.",
        line=inner.lineno if inner is not None else cls.lineno,
    )  # fmt: skip


def argument_missing(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """step() of an optimizer that wants a closure, step() of a schedule that wants a measure, a function of the script that is given too little."""
    found = re.search(r"(?:(\w+)\.)?(\w+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: (.+)", text)
    if found is None:
        return None
    owner, method, missing = found[1] or "", found[2], found[3].strip()
    if method == "step" and "'closure'" in missing:
        return Diagnosis(
            "argument missing", f"{owner or 'This optimizer'} asks for the loss several times in one step: step() in line {line} needs a function that computes it anew.",
            advice="def closure(): optimizer.zero_grad(); loss = ...; loss.backward(); return loss. Then optimizer.step(closure).", line=line,
        )  # fmt: skip
    if method == "step" and "'metrics'" in missing:
        fix = replaced(run, line, r"\.step\(\s*\)", ".step(val_loss)")
        return Diagnosis(
            "argument missing", f"{owner or 'This schedule'} lowers the learning rate when a measure stops falling, and step() in line {line} does not say it.", fix=fix,
            advice="Give it the loss of the validation as a number: scheduler.step(val_loss).", line=line,
        )  # fmt: skip
    defined = [node for node in walk(syntax_tree(run.recording.source)) if isinstance(node, ast.FunctionDef) and node.name == method]
    if not defined:
        return None
    wanted = ", ".join(argument.arg for argument in defined[0].args.args if argument.arg != "self")
    return Diagnosis(
        "argument missing", f"{method} (line {defined[0].lineno}) wants ({wanted}), and line {line} gives it no {missing.replace(chr(39), '')}.",
        advice="Give it in the call, or give the argument a default.", line=line,
    )  # fmt: skip


def mode_not_made(run: RecordedRun, _text: str, line: int) -> Diagnosis | None:
    """`with torch.no_grad:`: the class itself, where an object of it was meant."""
    before = source_line(run, line)
    found = re.search(r"\bwith\s+([\w.]*(?:no_grad|enable_grad|inference_mode|detect_anomaly))\s*(?=:|,|as\b)", before)
    if found is None:
        return None
    return Diagnosis(
        "mode not made", f"{found[1]} in line {line} is the class itself; with needs an object of it.", fix=Fix(line, before, f"{before[: found.end(1)]}(){before[found.end(1) :]}"),
        advice="Call it: with torch.no_grad():", line=line,
    )  # fmt: skip


def too_many_steps(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """A schedule over a number of steps that is stepped more often: per batch, where the epochs were counted."""
    found = re.search(r"Tried to step (\d+) times\. The specified number of total steps is (\d+)", text)
    if found is None:
        return None
    made = [
        node
        for node in walk(syntax_tree(run.recording.source))
        if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] == "OneCycleLR"
    ]
    where = made[0].lineno if made else line
    return Diagnosis(
        "too many steps", f"The schedule of line {where} is made for {found[2]} steps, and step() in line {line} is called more often: it counts each call, and not each epoch.",
        advice="Give it the number of calls: total_steps=epochs * len(loader), or epochs=... and steps_per_epoch=len(loader); or step it once in each epoch.", line=where,
    )  # fmt: skip
