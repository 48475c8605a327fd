"""Scripts recorded on the real engine, with the names and loops that the runner's instrumentation tells the recorder."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from engine import events
from engine.torch_module import module
from gradviz.debugger.session import Session
from gradviz.recording.recorder import Recorder
from gradviz.recording.recording import Recording

Open = Callable[[str], Session]


class _Instrument(ast.NodeTransformer):
    """Tells the recorder of assignments to names and of loops."""

    def __init__(self) -> None:
        self.loops = 0

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        names = [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        return [
            node,
            *(_call("bind", ast.Constant(name), ast.Name(name, ast.Load()), ast.Constant(node.lineno), at=node) for name in names),
        ]

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        self.loops += 1
        number = ast.Constant(self.loops)
        self.generic_visit(node)
        node.body.insert(0, _call("loop_iteration", number, at=node.body[0]))
        return [_call("loop_enter", number, ast.Constant(node.lineno), at=node), node, _call("loop_exit", number, at=node)]


def _call(name: str, *arguments: ast.expr, at: ast.stmt) -> ast.stmt:
    call = ast.Expr(ast.Call(ast.Name(f"_{name}", ast.Load()), list(arguments), []))
    for part in ast.walk(call):
        ast.copy_location(part, at)
    return call


def record(source: str) -> Recording:
    """Run a script under a recorder; an error of the script is recorded as the runner records it."""
    recorder = Recorder("script.py", source)
    torch = module()

    def bind(name: str, value: Any, line: int) -> None:
        if isinstance(value, torch.Tensor):
            recorder.bind_name(name, value, line)

    def tell(*values: Any) -> None:
        text = StringIO()
        print(*values, file=text)
        recorder.print_(text.getvalue(), "stdout")

    names = {
        "_bind": bind, "_loop_enter": recorder.loop_enter, "_loop_iteration": recorder.loop_iteration,
        "_loop_exit": recorder.loop_exit, "print": tell,
    }  # fmt: skip
    code = compile(_Instrument().visit(ast.parse(source)), "script.py", "exec")
    had = sys.modules.get("torch")
    sys.modules["torch"] = torch
    try:
        with events.watch(recorder):
            exec(code, names)
    except RuntimeError as problem:
        line = 0
        trace = problem.__traceback__
        while trace is not None:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "script.py" else line
            trace = trace.tb_next
        recorder.error(type(problem).__name__, str(problem), line)
    finally:
        del sys.modules["torch"]
        if had is not None:
            sys.modules["torch"] = had
    recording = Recording()
    recording.append_chunk(recorder.drain())
    return recording


@pytest.fixture
def open_script() -> Open:
    """A session of a script's recording."""
    return lambda source: Session(record(source))


BASICS = """import torch
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x + 2
z = y * y * 2
z = z.mean()
z.backward()
print(x.grad)
"""

LOOPS = """import torch
weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (weights * 3).sum()
    out.backward()
weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (weights * 3).sum()
    out.backward()
    weights.grad.zero_()
"""


@pytest.fixture
def basics(open_script: Open) -> Session:
    """The first section of the lesson: x, y = x + 2, z = y * y * 2, its mean, backward."""
    return open_script(BASICS)


@pytest.fixture
def loops(open_script: Open) -> Session:
    """The lesson's two loops: `.grad` accumulates, and is zeroed."""
    return open_script(LOOPS)
