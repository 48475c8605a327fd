"""Tape: numpy calls with a fixed array for each result, and the function that runs them again.

The calls become one Python function of straight lines, each `multiply(a3, c1, a4)` with everything bound to
a local name. Chains of elementwise calls on long arrays run block by block, so that what one call writes the
next one reads from the cache; what nobody reads later is then as short as a block. Of very long ones two threads
take a half each: numpy lets go of the interpreter's lock while it computes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

BLOCK = 1 << 16  # elements; several fit the cache of a core, and a call costs little beside them (two threads hand a lock over at each)
LONG = 1 << 16  # elements from which blocks pay
VERY_LONG = 1 << 18  # elements from which a second thread pays

_CAST = np.ndarray.astype
# numpy deprecates the third positional argument of these
_NAMED: dict[Any, Callable[..., Any]] = {
    np.maximum: lambda a, b, out: np.maximum(a, b, out=out),
    np.minimum: lambda a, b, out: np.minimum(a, b, out=out),
}


@dataclass(eq=False)
class Call:
    """One numpy call.

    Attributes:
        function: what is called, with `args` and `kwargs`.
        out: where the result goes; None: the function writes by itself.
        takes_out: whether the function can write to `out` directly.
        writes: further arrays that it changes.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out: Array | None
    takes_out: bool
    writes: tuple[Array, ...] = field(default=())

    def reads(self) -> Iterator[Array]:
        """The arrays that it looks at."""
        yield from _arrays_in((*self.args, *self.kwargs.values()))

    def written(self) -> tuple[Array, ...]:
        """The arrays that it changes."""
        return self.writes if self.out is None else (self.out, *self.writes)

    def elementwise(self) -> bool:
        """Whether element i of the result depends on the elements i of long operands only, in plain order."""
        if self.out is None or self.kwargs or not self.out.flags.c_contiguous:
            return False
        if self.function is not _CAST and (not isinstance(self.function, np.ufunc) or self.function.signature is not None):
            return False
        return all(
            not isinstance(a, np.ndarray) or not any(a.strides) or (a.shape == self.out.shape and a.flags.c_contiguous) for a in self.args
        )


def _arrays_in(values: Any) -> Iterator[Array]:
    for v in values:
        if isinstance(v, np.ndarray):
            yield v
        elif type(v) in (list, tuple):
            yield from _arrays_in(v)


def memory_of(array: Array) -> int:
    """The identity of the memory that an array looks at."""
    while (base := getattr(array, "base", None)) is not None:  # numpy's strided views have something between them and the array
        array = base
    return id(array)


def _identity(value: Any) -> Any:
    """What is equal for arguments that are the same: of arrays the memory that they look at, and how."""
    if isinstance(value, np.ndarray):
        return value.__array_interface__["data"][0], value.shape, value.strides, value.dtype.str
    if isinstance(value, (list, tuple)):
        return type(value), *map(_identity, value)
    if isinstance(value, dict):
        return tuple((key, _identity(v)) for key, v in value.items())
    if isinstance(value, np.generic):
        return value.dtype.str, value.tobytes()
    return type(value), repr(value) if isinstance(value, (float, complex)) else value if value.__hash__ else id(value)


class Tape:
    """The calls of a step in order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._made: dict[Any, tuple[int, Call]] = {}  # what was called, on what -> where it stands
        self._about: dict[int, list[Any]] = {}  # memory -> what was called that reads it or writes it

    def note(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Array, takes_out: bool) -> None:
        """A call whose result stands in `out`."""
        call = Call(function, args, kwargs, out, takes_out and out.flags.c_contiguous)
        key = _identity((function, args, kwargs))
        self._made[key] = (len(self.calls), call)
        for memory in {memory_of(a) for a in (*call.reads(), out)}:
            self._about.setdefault(memory, []).append(key)
        self.calls.append(call)

    def made(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Array | None:
        """The result of the same call on the same numbers, where it stands already: a backward asks again for much of its forward."""
        place, call = self._made.get(_identity((function, args, kwargs)), (0, None))
        return call.out if call is not None and place < len(self.calls) and self.calls[place] is call else None

    def forget(self, array: Array) -> None:
        """Its numbers are overwritten: what is called on them from here on is another call."""
        for key in self._about.pop(memory_of(array), ()):
            self._made.pop(key, None)

    def write(self, target: Array, source: Array, alone: bool = False) -> None:
        """`source` is written over `target`; the call that made it writes there at once, where it can and nobody else reads what it made."""
        self.forget(target)
        last = self.calls[-1] if self.calls else None
        fits = source.dtype is target.dtype and source.shape == target.shape and target.flags.c_contiguous and source.base is None
        if alone and fits and last is not None and last.out is source:
            self.forget(source)
            last.out = target
        else:
            self.calls.append(Call(_CAST, (source, target.dtype), {}, target, False))

    def whole(self, function: Callable[[], Any], reads: tuple[Any, ...], writes: tuple[Array, ...] = ()) -> None:
        """A function without arguments that does its own writing; it reads and writes these arrays."""
        self.calls.append(Call(function, reads, {}, None, False, writes))

    def runner(self, kept: list[Array], threads: int = 1) -> Callable[[int], None]:
        """A function that runs all calls so many times; the arrays of `kept` are read by others afterwards."""
        names: dict[int, str] = {}
        values: dict[str, Any] = {"copyto": np.copyto}

        def name(value: Any) -> str:
            found = names.get(id(value))
            if found is None:
                found = names[id(value)] = f"v{len(names)}"
                values[found] = value
            return found

        lines: list[str] = []
        for run in self._runs():
            if len(run) > 1:
                size = run[0].out.size  # type: ignore[union-attr]  # elementwise calls have one
                if threads > 1 and size >= VERY_LONG:
                    half = size // 2
                    halves = [_blocked(run, self.calls, kept, part) for part in (range(half), range(half, size))]
                    lines.append(f"  both({name(halves[0])}, {name(halves[1])})")
                    values["both"] = _both
                else:
                    lines.append(f"  for f, x in {name(_blocked(run, self.calls, kept, range(size)))}: f(*x)")
            else:
                lines.append("  " + _line(run[0], name))
        head = ", ".join(["turns", *(f"{n}={n}" for n in values)])
        text = f"def run({head}):\n for _ in range(turns):\n" + "\n".join(lines or ["  pass"])
        exec(compile(text, f"{__file__}:run", "exec"), values)
        made: Callable[[int], None] = values["run"]
        return made

    def _runs(self) -> Iterator[list[Call]]:
        """The calls, those that can go block by block together in one list; nothing reads or writes otherwise than in the order noted.

        A call in between waits until behind such a list, where nothing in the list has to do with what it reads and writes: the forward of a
        chain and its backward are one list, and what the forward keeps stays in the cache.
        """
        rest = self.calls
        while rest:
            first = next((k for k, call in enumerate(rest) if _long(call)), len(rest))
            yield from ([call] for call in rest[:first])
            run, waiting = rest[first : first + 1], list[Call]()
            read, written = set[int](), set[int]()
            for call in rest[first + 1 :]:
                reads, writes = set(map(memory_of, call.reads())), set(map(memory_of, call.written()))
                if _long(call) == _long(run[0]) and not (reads & written or writes & written or writes & read):
                    run.append(call)
                else:
                    waiting.append(call)
                    read |= reads
                    written |= writes
            if run:
                yield run
            rest = waiting


def _long(call: Call) -> int:
    """How many elements a call has that can go block by block; 0 for others."""
    return call.out.size if call.out is not None and call.out.size >= LONG and call.elementwise() else 0


def _line(call: Call, name: Callable[[Any], str]) -> str:
    """The text of a call."""
    if call.out is None:
        return f"{name(call.function)}()"
    if call.function is _CAST:  # copyto casts by itself
        return f"copyto({name(call.out)}, {name(call.args[0])}, 'unsafe')"
    function, given = name(call.function), [name(a) for a in call.args]
    if call.takes_out and not call.kwargs:
        out = name(call.out)
        if call.function in _NAMED or getattr(call.function, "__name__", "") == "reduce" or not isinstance(call.function, np.ufunc):
            out = f"out={out}"
        if call.function is np.dot:
            out = name(call.out)
        return f"{function}({', '.join([*given, out])})"
    keywords = [f"{key}={name(value)}" for key, value in call.kwargs.items()]
    if call.takes_out:
        return f"{function}({', '.join([*given, *keywords, f'out={name(call.out)}'])})"
    return f"copyto({name(call.out)}, {function}({', '.join([*given, *keywords])}))"


Steps = list[tuple[Any, tuple[Any, ...]]]


@cache
def _second() -> ThreadPoolExecutor:
    """The thread that takes the other half."""
    return ThreadPoolExecutor(1, "gradviz plan", initializer=lambda: np.seterr(all="ignore"))


def _go(steps: Steps) -> None:
    for function, arguments in steps:
        function(*arguments)


def _both(first: Steps, second: Steps) -> None:
    """Two lists of calls that have nothing to do with each other, at once."""
    other = _second().submit(_go, second)
    _go(first)
    other.result()


def _blocked(run: list[Call], calls: list[Call], kept: list[Array], part_of: range) -> Steps:
    """The calls of a run for each block of some elements; results that only the run reads share short arrays."""
    inside = set(map(id, run))
    outside = {memory_of(a) for call in calls if id(call) not in inside for a in (*call.reads(), *call.writes)} | set(map(memory_of, kept))
    short: dict[int, Array] = {}
    last = {memory_of(a): k for k, call in enumerate(run) for a in call.reads()}
    outside |= {memory_of(a) for call in run for a in call.reads() if a.base is not None}  # looked at through views
    free: dict[Any, list[Array]] = {}
    for k, call in enumerate(run):
        out = call.out
        assert out is not None
        if memory_of(out) not in outside and out.base is None:
            pool = free.setdefault(out.dtype, [])
            short[id(out)] = pool.pop() if pool else np.empty(BLOCK, out.dtype)
        for a in {id(a): a for a in call.reads()}.values():
            if id(a) in short and last[memory_of(a)] == k and a is not out:
                free.setdefault(a.dtype, []).append(short[id(a)])
    steps: Steps = []
    for start in range(part_of.start, part_of.stop, BLOCK):
        stop = min(start + BLOCK, part_of.stop)

        def part(a: Any, start: int = start, stop: int = stop) -> Any:
            if not isinstance(a, np.ndarray) or (a.ndim == 0):
                return a
            if id(a) in short:
                return short[id(a)][: stop - start]
            return a.reshape(-1)[start:stop] if any(a.strides) else a.reshape(-1)[:1] if a.size == 1 else _flat(a, stop - start)

        for call in run:
            if call.function is _CAST:
                steps.append((np.copyto, (part(call.out), part(call.args[0]), "unsafe")))
            else:
                function = _NAMED.get(call.function, call.function)
                steps.append((function, (*(part(a) for a in call.args), part(call.out))))
    return steps


def _flat(a: Array, length: int) -> Array:
    """One number in the place of `length` equal ones."""
    return np.lib.stride_tricks.as_strided(a, (length,), (0,))
