"""Running a script on the engine in this process, under a recorder."""

from __future__ import annotations

import builtins
import linecache
import sys
import traceback
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from engine import events
from engine.calls.absent import hint
from engine.modes import reset as reset_modes
from engine.torch_module import for_a_while, install

from ..packages import missing
from ..packages.stand_ins import standing_in
from ..problem import INTERRUPTED
from .branch import TIMED, Brancher, InsertLine
from .instrumenting import hook_names, instrument
from .namesakes import step_aside
from .overrides import NumericCheck, Override, WhatIf, ZeroGrad
from .process.allocator import keep_freed_memory

if TYPE_CHECKING:
    from ..recording.recorder.recorder import Recorder

_OWN = Path(__file__).resolve().parents[2]
_INTERNALS = tuple(str(_OWN / name) for name in ("engine", "gradviz", "ui"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: its exit code, and the exception that ended it (type, text, script line), if any."""

    exit_code: int
    error_type: str = ""
    error_text: str = ""
    line: int = 0


def run_recorded(path: str, source: str, recorder: Recorder, overrides: Sequence[Override] = (), arguments: Sequence[str] = ()) -> Outcome:
    """Run a script under a recorder, with what-if overrides.

    Raises:
        SyntaxProblem: the text is no program; nothing ran.
    """
    policy = next((o.policy for o in overrides if isinstance(o, ZeroGrad)), None)
    keep_freed_memory()
    code = instrument.compile_instrumented(source, path, policy, [o for o in overrides if isinstance(o, InsertLine)])
    leaves = _Leaves()
    what_if = WhatIf(overrides, recorder)
    with ExitStack() as around:
        main = around.enter_context(_main_module(path, source, arguments))
        around.enter_context(_hooks(recorder, leaves))
        collector = _collector(recorder) if any(isinstance(o, NumericCheck) for o in overrides) else None
        listener: Any = recorder if collector is None else collector
        if any(isinstance(o, TIMED) for o in overrides):
            listener = Brancher(listener, recorder, overrides, leaves)
            what_if.tick = listener.tick
        around.enter_context(events.watch(listener))
        if overrides:
            around.enter_context(events.intervene(_Intervention(what_if, leaves)))
        if collector is None:
            outcome = _exec(code, main, path)
        else:
            with collector.functions():
                outcome = _exec(code, main, path)
            collector.tell()
        what_if.tick()  # a change after the last op
    if outcome.error_type:
        recorder.error(outcome.error_type, outcome.error_text, outcome.line)
    return outcome


def _collector(recorder: Recorder) -> Any:
    """What notes calls for the numeric check; loaded only where one is wanted."""
    from ..debugger.check.collector import Collector

    return Collector(recorder)


class _Leaves:
    """The leaves of a run that are alive, in the order in which they were made: a batch of data goes when the script lets it go."""

    def __init__(self) -> None:
        self._made = count()
        self._alive: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()

    def add(self, tensor: Any) -> None:
        self._alive[next(self._made)] = tensor

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._alive.values()))


class _Intervention:
    """What-ifs; it also remembers the leaves, for "zero_grad before each backward"."""

    def __init__(self, inner: WhatIf, leaves: _Leaves) -> None:
        self._inner = inner
        self._leaves = leaves

    def leaf(self, tensor: Any) -> None:
        self._inner.leaf(tensor)
        self._leaves.add(tensor)

    def before_op(self, op: Any, inputs: tuple[Any, ...], grad_enabled: bool) -> tuple[tuple[Any, ...], bool]:
        return self._inner.before_op(op, inputs, grad_enabled)


def become_main(path: str, arguments: Sequence[str]) -> ModuleType:
    """A fresh `__main__`, sys.argv and sys.path as Python gives them to a script."""
    install()
    main = ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=builtins, __cached__=None, __annotations__={})
    sys.argv = list(arguments)
    folder = Path(path).resolve().parent
    sys.path[: 1 if sys.path[:1] == [str(_OWN)] else 0] = [str(folder)]  # the folder of the program is that of the script now
    sys.modules["__main__"] = main
    step_aside(folder)
    return main


@contextmanager
def _main_module(path: str, source: str, arguments: Sequence[str]) -> Iterator[ModuleType]:
    """`become_main`; all as before afterwards."""
    before_argv, before_path, before_main, before_import = sys.argv, list(sys.path), sys.modules.get("__main__"), builtins.__import__
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    try:
        with for_a_while(), standing_in():
            yield become_main(path, [path, *arguments])
    finally:
        reset_modes()
        sys.argv, sys.path[:], builtins.__import__ = before_argv, before_path, before_import
        if before_main is not None:
            sys.modules["__main__"] = before_main


@contextmanager
def _hooks(recorder: Recorder, leaves: _Leaves) -> Iterator[None]:
    """The names that instrumented code calls, for the time of a run.

    Afterwards they do nothing: a generator that the script left suspended, its __del__ and what it registered with atexit still call them.
    """
    from engine.optim.optimizer import clear_grad

    from .instrumenting.naming import Naming

    naming = Naming(recorder)

    def clear() -> None:
        for leaf in leaves:
            clear_grad(leaf)

    hooks: dict[str, Callable[..., None]] = {
        hook_names.BIND: naming.bind,
        hook_names.GIVEN: naming.given,
        hook_names.ATTRIBUTE: naming.attribute,
        hook_names.ENTRY: naming.entry,
        hook_names.ENTER: _watched(recorder.loop_enter),
        hook_names.TURN: _watched(recorder.loop_iteration),
        hook_names.EXIT: _watched(recorder.loop_exit),
        hook_names.CLEAR: clear,
    }
    builtins.__dict__.update(hooks)
    try:
        yield
    finally:
        builtins.__dict__.update(dict.fromkeys(hooks, _nothing))


def _watched(hook: Callable[..., None]) -> Callable[..., None]:
    """A hook that is silent while nobody listens to the engine, as in the many calls of a numeric check."""

    def told(*given: Any) -> None:
        if events.watcher is not None:
            hook(*given)

    return told


def _nothing(*_: Any) -> None:
    """What a hook does when no script runs."""


def _exec(code: CodeType, main: ModuleType, path: str) -> Outcome:
    try:
        exec(code, main.__dict__)
    except SystemExit as e:
        return Outcome(_exit_code(e.code))
    except KeyboardInterrupt as e:
        _print(e, path)
        return Outcome(INTERRUPTED, "KeyboardInterrupt", "stopped", script_line(e.__traceback__, path))
    except BaseException as e:
        _print(e, path)
        return Outcome(1, type(e).__name__, str(e), script_line(e.__traceback__, path))
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return Outcome(0)


def _exit_code(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def script_line(trace: TracebackType | None, path: str) -> int:
    """The line of the innermost frame of the script, 0 where it has none."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _print(error: BaseException, path: str) -> None:
    print(without_internals(error, path), end="", file=sys.stderr)


def without_internals(error: BaseException, path: str) -> str:
    """The traceback as Python prints it, without the frames of gradviz."""
    hint(error)
    for words in missing.of_error(error) or ():
        error.add_note(words)
    told = traceback.TracebackException.from_exception(error)
    waiting = [told]
    while waiting:
        seen = waiting.pop()
        seen.stack = traceback.StackSummary.from_list(
            [f for f in seen.stack if not f.filename.startswith(_INTERNALS) or f.filename == path]
        )
        waiting += [t for t in (seen.__cause__, seen.__context__, *(seen.exceptions or ())) if t is not None]
    return "".join(told.format())
