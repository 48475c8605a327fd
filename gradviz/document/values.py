"""Values as people write them: a number, nested lists, a piece of a spreadsheet, `randn(2, 3)`."""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .model import DRAWN, ENDED, LARGEST, SOURCES, Value
from .problem import DocumentProblem
from .tables import Table, read_table

LONGEST = 4_000_000  # characters
_MADE = re.compile(r"(randn|rand|zeros|ones)\s*\(([\d\s,()\[\]]*?)(?:,?\s*seed\s*=\s*(\d{1,9}))?\s*\)")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_ENDED = re.compile(
    rf"(normal|uniform|randint)\s*\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*[(\[]?([\d\s,]*?)[)\]]?\s*(?:,\s*seed\s*=\s*(\d{{1,9}}))?\s*\)"
)
_SPACED = re.compile(rf"(linspace|arange)\s*\(\s*({_NUMBER}(?:\s*,\s*(?:steps\s*=\s*)?{_NUMBER}){{0,2}})\s*\)")
_SHAPED = re.compile(r"(.*[)\]])\s*(?:\.\s*(reshape|view|unsqueeze)\s*\(([-\d\s,()\[\]]*)\)|\[\s*:\s*,\s*None\s*\])", re.DOTALL)
_MOST_CALLS = 8  # one behind the other
_BETWEEN = re.compile(r"\s*(?:…|\.{2,}|;|,\s|\bto\b|(?<=[\d.])\s*[–—]|\s-\s)\s*|\s+")  # the ends of a slider
_FURTHEST = 1e30
_SAFE = re.compile(r"[\d\s.,eE+\-\[\]()naifNIFTrueFls]*")


def parse(text: str, before: Value) -> Value:
    """The value that a text stands for; dtype and slider stay as they were.

    Raises:
        DocumentProblem: it stands for none.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise DocumentProblem(f"the text has {len(text):,} characters")
    calls: list[tuple[str, str]] = []
    while len(calls) < _MOST_CALLS and (shaped := _SHAPED.fullmatch(text)) is not None:
        text, call, given = shaped.groups()
        calls.append(("unsqueeze", "1") if call is None else (call, given))
    value = _numbers(text, before)
    for call, given in reversed(calls):
        value = _in_shape(value, call, given)
    return value


def _numbers(text: str, before: Value) -> Value:
    """Without calls behind it."""
    made = _MADE.fullmatch(text.removeprefix("torch."))
    if made is not None:
        shape = tuple(int(n) for n in re.findall(r"\d{1,9}", made.group(2)))
        return checked(replace(before, shape=shape, data=(), source=made.group(1), seed=int(made.group(3) or before.seed)))
    drawn = _ENDED.fullmatch(text.removeprefix("torch."))
    if drawn is not None:
        source, low, high, sizes, seed = drawn.groups()
        shape = tuple(int(n) for n in re.findall(r"\d{1,9}", sizes))
        floats = before.dtype if before.dtype.startswith("float") else "float32"
        whole = before.dtype if before.source == "randint" else "int64"  # zeros and ones that a loss wants as floats stay floats
        dtype = whole if source == "randint" else floats
        made_of = replace(before, shape=shape, data=(), source=source, ends=(float(low), float(high)), dtype=dtype)
        return checked(replace(made_of, seed=int(seed or before.seed)))
    spaced = _SPACED.fullmatch(text.removeprefix("torch."))
    if spaced is not None:
        flat = _spaced(spaced.group(1), [float(n) for n in re.findall(_NUMBER, spaced.group(2))])
        return checked(replace(before, shape=(len(flat),), data=tuple(flat), source="data"))
    if not text:
        raise DocumentProblem("a number is needed, or lists of numbers such as [1, 2, 3]")
    rows = _table(text)
    if rows is None:
        if not _SAFE.fullmatch(text):
            raise DocumentProblem("a number is needed, lists of numbers such as [[1, 2], [3, 4]], randn(2, 3) or linspace(-1, 1, 20)")
        try:
            rows = ast.literal_eval(re.sub(r"\binf\b", "1e999", re.sub(r"\bnan\b", "None", text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise DocumentProblem(f"“{text[:40]}” is neither a number nor lists of numbers") from None
    shape, flat = flatten(rows)
    return checked(replace(before, shape=shape, data=tuple(flat), source="data"))


def _in_shape(value: Value, call: str, given: str) -> Value:
    """What `.reshape(20, 1)`, `.view(-1, 1)`, `.unsqueeze(1)` or `[:, None]` behind numbers makes of them."""
    numbers = [int(n) for n in re.findall(r"-?\d{1,9}", given)]
    if call == "unsqueeze":
        at = numbers[0] if len(numbers) == 1 else -99
        if not -len(value.shape) - 1 <= at <= len(value.shape):
            raise DocumentProblem(f"unsqueeze takes a place from {-len(value.shape) - 1} to {len(value.shape)} here")
        at += len(value.shape) + 1 if at < 0 else 0
        return checked(replace(value, shape=(*value.shape[:at], 1, *value.shape[at:])))
    known = math.prod(n for n in numbers if n >= 0)
    if numbers.count(-1) == 1 and known and value.size % known == 0:
        numbers[numbers.index(-1)] = value.size // known
    if min(numbers, default=0) < 0 or math.prod(numbers) != value.size:
        raise DocumentProblem(f"{value.size:,} numbers cannot stand in the shape ({', '.join(map(str, numbers))})")
    return checked(replace(value, shape=tuple(numbers)))


def typed(text: str, before: Value, seeds: Collection[int]) -> Value:
    """`parse` of what is typed for one of several tensors: what is drawn where nothing was drawn before has a seed of its own, so that two
    tensors that are filled with randn(3) are not the same numbers.

    Args:
        seeds: those of all tensors.
    """
    made = parse(text, own_seed(before, seeds))
    return made if made.source in DRAWN else replace(made, seed=before.seed)


def own_seed(value: Value, seeds: Collection[int]) -> Value:
    """With a seed that no other tensor has, where nothing was drawn from its own yet."""
    return value if value.source in DRAWN else replace(value, seed=next(n for n in itertools.count() if n not in seeds))


def _spaced(maker: str, given: list[float]) -> list[float]:
    """linspace(start, end, steps), arange(end), arange(start, end, step)."""
    if maker == "linspace":
        if len(given) != 3 or given[2] < 0 or not given[2].is_integer():
            raise DocumentProblem("linspace takes two ends and how many numbers, such as linspace(-1, 1, 20)")
        start, end, steps = given
        count, step = steps, (end - start) / max(steps - 1, 1)
    else:
        start, end = (0.0, given[0]) if len(given) == 1 else (given[0], given[1])
        step = given[2] if len(given) == 3 else 1.0
        if step == 0 or (end - start) / step < 0:
            raise DocumentProblem("arange needs a step that leads from its first end to its second")
        count = (end - start) / step
    if not count <= LARGEST or not math.isfinite(end - start):
        raise DocumentProblem(f"{count:,.0f} numbers are too many; {LARGEST:,} are possible")
    whole = math.ceil(count)
    return [float(n) for n in np.linspace(start, start + step * max(whole - 1, 0), whole)]


def _table(text: str) -> list[list[float]] | None:
    """Rows of a spreadsheet (tabs between cells) or of a CSV text of several lines; None where it is something else."""
    lines = [line for line in text.splitlines() if line.strip()]
    if "\t" not in text and (len(lines) < 2 or "[" in text):
        return None
    table = read_table(text)
    if table.names or table.words:
        raise DocumentProblem("titles or words stand in it, where only numbers can")
    return table.rows


def flatten(rows: Any) -> tuple[tuple[int, ...], list[float]]:
    """Nested lists as a shape and the numbers row by row; None stands for nan.

    Raises:
        DocumentProblem: lists of different lengths, or something that is no number.
    """
    shape: list[int] = []
    level: list[Any] = [rows]
    while level and isinstance(level[0], (list, tuple)):
        if not all(isinstance(r, (list, tuple)) for r in level):
            raise DocumentProblem("numbers and lists stand side by side")
        lengths = {len(r) for r in level}
        if len(lengths) > 1:
            raise DocumentProblem(f"the rows have different lengths: {', '.join(map(str, sorted(lengths)))}")
        shape.append(lengths.pop())
        if len(shape) > 8:
            raise DocumentProblem("at most 8 dimensions are possible")
        level = [x for r in level for x in r]
    if not all(x is None or isinstance(x, (int, float)) for x in level):
        raise DocumentProblem("only numbers can stand in a tensor")
    try:
        return tuple(shape), [math.nan if x is None else float(x) for x in level]
    except OverflowError:
        raise DocumentProblem("a number is too large") from None


def checked(value: Value) -> Value:
    """The value, with whole numbers where its dtype has only these.

    Raises:
        DocumentProblem: too large, or numbers that its dtype does not have.
    """
    if value.source not in SOURCES or len(value.shape) > 8:
        raise DocumentProblem("at most 8 dimensions are possible")
    if value.size > LARGEST:
        raise DocumentProblem(f"{value.size:,} numbers are too many; {LARGEST:,} are possible")
    if value.source in DRAWN and value.source != "randint" and not value.dtype.startswith("float"):
        raise DocumentProblem(f"{value.source} draws floats; the dtype is {value.dtype}")
    low, high = value.ends
    if value.source == "normal" and high < 0:
        raise DocumentProblem("the standard deviation of a normal distribution is 0 or more")
    if value.source in ("uniform", "randint") and not low < high:
        raise DocumentProblem(f"{value.source} needs its first end below its second")
    if value.source == "randint" and not (low.is_integer() and high.is_integer() and max(abs(low), abs(high)) < 2**53):
        raise DocumentProblem("randint needs whole numbers as ends")
    if value.dtype == "int64" and value.source == "data":
        if not all(math.isfinite(v) for v in value.data):
            raise DocumentProblem("int64 has no nan and no inf")
        return replace(value, data=tuple(float(int(v)) for v in value.data))
    return value


def with_ends(value: Value, text: str) -> Value:
    """Other ends of the slider, however somebody writes two numbers: `-5 … 5`, `-1..1`, `0 to 1`, `[0, 1]`, `0,5 1,5`.

    Raises:
        DocumentProblem: there are no two, or not in their order.
    """
    parts = [part for part in _BETWEEN.split(text.replace("−", "-").strip(" ()[]")) if part]
    parts = parts[0].split(",") if len(parts) == 1 else parts
    try:
        low, high = (float(part.replace(",", ".")) for part in parts)
    except ValueError:
        raise DocumentProblem("the slider needs two numbers, such as -5 … 5") from None
    if not (abs(low) < _FURTHEST and abs(high) < _FURTHEST):
        raise DocumentProblem(f"the ends of a slider are numbers between {-_FURTHEST:g} and {_FURTHEST:g}")
    if not low < high:
        raise DocumentProblem("the slider's first end must be below its second")
    return replace(value, low=low, high=high)


def slid(value: Value, steps: int) -> Value:
    """A number so many hundredths of its slider further."""
    step = step_of(value)
    number = round(round(value.data[0] / step) * step + steps * step, 12) if math.isfinite(value.data[0]) else value.low
    return replace(value, data=(min(value.high, max(value.low, number)),))


def step_of(value: Value) -> float:
    """How far one step of a slider goes: a hundredth of it at most, a round number."""
    return float(10.0 ** math.floor(math.log10((value.high - value.low) / 100))) if value.high > value.low else 1.0


def show(value: Value, most: int = 64) -> str:
    """A value as one would type it."""
    if value.source != "data":
        seed = f", seed={value.seed}" if value.source in DRAWN else ""
        if value.source in ENDED:
            sizes = f"({', '.join(map(str, value.shape))}{',' if len(value.shape) == 1 else ''})"
            return f"{value.source}({value.ends[0]:.9g}, {value.ends[1]:.9g}, {sizes}{seed})"
        return f"{value.source}({', '.join(map(str, value.shape))}{seed})"
    if value.size > most:
        return ""
    return _nested([_short(v) for v in value.data], value.shape)


def _short(v: float) -> str:
    return f"{v:.6g}"


def _nested(flat: Sequence[str], shape: tuple[int, ...]) -> str:
    if not shape:
        return flat[0] if flat else ""
    rows = list(flat)
    for size in reversed(shape[1:]):
        rows = [f"[{', '.join(rows[k : k + size])}]" for k in range(0, len(rows), size)] if size else []
    return f"[{', '.join(rows)}]"


def of_table(table: Table, before: Value) -> Value:
    """The numbers of a table."""
    shape, flat = flatten(table.rows)
    return checked(replace(before, shape=shape, data=tuple(flat), source="data"))
