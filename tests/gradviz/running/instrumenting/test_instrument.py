"""Instrumented programs mean what they meant: the same output, the same lines in tracebacks."""

from __future__ import annotations

import builtins
import contextlib
import io
import traceback
from typing import Any

import pytest

from gradviz.running.instrumenting import hook_names, instrument
from gradviz.running.parsing import SyntaxProblem

PROGRAMS = {
    "loops with else, break and continue": """
        for i in range(5):
            if i == 1: continue
            if i == 3: break
            print(i)
        else:
            print("never")
        while False: pass
        else: print("else of while")
    """,
    "return out of a loop in a function": """
        def find(xs):
            for x in xs:
                if x > 2:
                    return x
            return None
        print(find([1, 2, 3, 4]), find([]))
    """,
    "generators are resumed inside their loops": """
        def count():
            n = 0
            while True:
                got = yield n
                n += got or 1
        g = count()
        print(next(g), g.send(5), next(g))
        g.close()
    """,
    "docstrings, defaults, keywords and attributes": """
        class Box:
            def __init__(self, *, size, __hidden=3):
                'A box.'
                self.size, self.rest = size, []
                self.__own = __hidden
                self.rest.append(size)
            def own(self, /, a, b=2, *more, key=None, **others):
                'Its own.'
                told = (a, b, more, key, sorted(others))
                self.rest[0] = a
                return told, self.rest, self.__own
        def only_docstring(x):
            "nothing else"
        print(Box.__init__.__doc__, Box.own.__doc__, only_docstring.__doc__, only_docstring(1))
        print(Box(size=4).own(1, 5, 6, key=7, z=8))
        gathered = {}
        for key in "ab":
            gathered[key] = ord(key)
        print(gathered)
    """,
    "classes, globals, nonlocals and private names": """
        total = 0
        class A:
            __secret = 3
            values = [v * __secret for v in [1]] if False else []
            for k in range(2):
                values.append(k)
            def add(self, n):
                global total
                total += n
                def inner():
                    nonlocal n
                    n += 1
                    return n
                return inner()
        print(A.values, A().add(2), total)
    """,
    "unpacking and starred targets": """
        a, (b, *c), d = 1, (2, 3, 4), 5
        for x, (y, z) in [(1, (2, 3))]: print(x, y, z)
        [e, f] = 6, 7
        x = y = 8
        n: int = 9
        print(a, b, c, d, e, f, x, y, n)
    """,
    "with and del": """
        import io
        with io.StringIO("text") as s, io.StringIO("more") as t:
            print(s.read(), t.read())
        a = 1
        del a
        print("a" in globals())
    """,
    "match, walrus, comprehension, lambda, async": """
        import asyncio
        match [1, 2]:
            case [p, q]: print(p, q)
        if (m := 3) > 2: print(m)
        print([i for i in range(3)], (lambda v: v + 1)(1))
        async def f():
            for i in range(2): await asyncio.sleep(0)
            return i
        print(asyncio.run(f()))
    """,
    "an exception leaves the loops": """
        try:
            for i in range(3):
                for j in range(3):
                    if j == 1: raise ValueError(i)
        except ValueError as e:
            print("caught", e)
    """,
}


@contextlib.contextmanager
def hooks(log: list[tuple[Any, ...]]) -> Any:
    names = {
        hook_names.BIND: lambda *a: log.append(("bind", a[0], a[2])),
        hook_names.ENTER: lambda *a: log.append(("enter", *a)),
        hook_names.TURN: lambda *a: log.append(("turn", *a)),
        hook_names.EXIT: lambda *a: log.append(("exit", *a)),
        hook_names.CLEAR: lambda: log.append(("clear",)),
        hook_names.GIVEN: lambda *a: log.append(("given", a[0], a[1])),
        hook_names.ATTRIBUTE: lambda *a: log.append(("attribute", a[0], a[2])),
        hook_names.ENTRY: lambda *a: log.append(("entry", a[0], a[2], a[3], a[4])),
    }
    builtins.__dict__.update(names)
    try:
        yield
    finally:
        for name in names:
            del builtins.__dict__[name]


def dedent(text: str) -> str:
    import textwrap

    return textwrap.dedent(text).lstrip("\n")


def run(code: Any) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {"__name__": "__main__"})
    return out.getvalue()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_prints_the_same(name: str) -> None:
    source = dedent(PROGRAMS[name])
    with hooks([]):
        assert run(instrument.compile_instrumented(source, "p.py")) == run(compile(source, "p.py", "exec"))


def test_a_traceback_shows_the_lines_of_the_text() -> None:
    source = "def f(x):\n    for i in range(3):\n        y = i / x\n\nf(0)\n"
    with hooks([]), pytest.raises(ZeroDivisionError) as caught:
        exec(instrument.compile_instrumented(source, "p.py"), {})
    lines = [frame.lineno for frame in traceback.extract_tb(caught.value.__traceback__) if frame.filename == "p.py"]
    assert lines == [5, 3]


def test_loops_are_left_however_they_end() -> None:
    log: list[tuple[Any, ...]] = []
    with hooks(log), pytest.raises(KeyError):
        exec(instrument.compile_instrumented("for i in range(2):\n    for j in 'ab':\n        raise KeyError\n", "p.py"), {})
    assert [entry[0] for entry in log if entry[0] != "bind"] == ["enter", "turn", "enter", "turn", "exit", "exit"]


def test_names_are_told_with_their_lines() -> None:
    log: list[tuple[Any, ...]] = []
    with hooks(log):
        exec(instrument.compile_instrumented("x = 1\ny, z = x, 2\nx += 1\n", "p.py"), {})
    assert log == [("bind", "x", 1), ("bind", "y", 2), ("bind", "z", 2), ("bind", "x", 3)]


def test_a_policy_leaves_out_every_way_of_emptying_a_gradient() -> None:
    source = "o.zero_grad()\nw.grad.zero_()\nw.grad.data.zero_()\nw.grad = None\nw.zero_()\n"

    class Anything:
        def __getattr__(self, name: str) -> Any:
            touched.append(name)
            return Anything()

        def __call__(self, *_: Any) -> Anything:
            return self

    touched: list[str] = []
    with hooks([]):
        exec(instrument.compile_instrumented(source, "p.py", instrument.NEVER), {"o": Anything(), "w": Anything()})
    assert touched == ["zero_"]


@pytest.mark.parametrize(
    ("text", "line"), [("x = (1\n", 1), ("def f(:\n  pass", 1), ("\0", 0), ("a = " + "(" * 300 + ")" * 300, 1), ("x = 1\n  y = 2\n", 2)]
)
def test_what_is_no_program_says_why_and_where(text: str, line: int) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        instrument.compile_instrumented(text, "p.py")
    assert caught.value.message
    assert caught.value.line == line or line == 0
