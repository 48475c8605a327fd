"""Shapes that do not fit together: which tensors, with which shapes, from which lines, and what would fit."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING

from ..finding import Diagnosis, Fix, source_line
from ..operands import Operand, Shape, failed_event, one, operands, pair, replaced_name, written

if TYPE_CHECKING:
    from ....recording.event import Event
    from ...recorded_run import RecordedRun


def broadcast(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """Two tensors element by element: from the right, sizes must be equal or 1."""
    found = re.search(r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)", text)
    if found is None:
        return None
    size_a, size_b, axis = (int(group) for group in found.groups())
    two = pair(operands(run, line), lambda a, b: _clash(a, b) == (size_a, size_b, axis))
    rule = "Counted from the last dimension, sizes have to be equal, or one of them 1."
    if two is None:
        told = f"In line {line} two tensors meet that have {size_a} and {size_b} elements along dimension {axis}. {rule}"
        return _diagnosis(
            run, told, line, (), advice="Print the shapes of both: one of them needs a transpose, an unsqueeze or another slice."
        )
    a, b = two
    sentence = f"Line {line} meets {a.told(line)}, with {b.told(line)}: {size_a} against {size_b} along dimension {axis}. {rule}"
    for operand, other in ((b, a), (a, b)):
        for change, shape in _changes(operand.shape, other.shape):
            if _clash(shape, other.shape) is None and prod(_result(shape, other.shape)) <= max(prod(a.shape), prod(b.shape)):
                return _diagnosis(
                    run,
                    sentence,
                    line,
                    two,
                    _fixed(run, line, operand, change),
                    f"{operand.name}{change} has shape {shape}, which fits.",
                )
    return _diagnosis(
        run,
        sentence,
        line,
        two,
        advice="One of them was cut, reduced or loaded with another number of elements: look at the lines where they were made.",
    )


def product(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """A product of matrices, or of a matrix and a vector."""
    found = re.search(r"\((\d+)x(\d+) and (\d+)x(\d+)\)", text)
    if found is None:
        return None
    a, b, c, d = (int(size) for size in found.groups())
    known = operands(run, line)
    right = one(known, lambda shape: shape == (c, d)) or one(known, lambda shape: shape == (d, c))
    left = one([each for each in known if each is not right], lambda shape: len(shape) > 0 and shape[-1] == b and prod(shape[:-1]) == a)
    sentence = f"A {a} x {b} matrix times a {c} x {d} one: the {b} columns of the first must be as many as the {c} rows of the second."
    flattened = _flattened(run, a, b, c)
    if flattened is not None:
        sentence += f" Line {flattened.line} has flattened the batch as well: {b} = {b // c} samples x {c} features."
        return Diagnosis(
            "shapes", sentence, flattened.index, (flattened.site,) if flattened.site >= 0 else (), None,
            f"Keep the first dimension: torch.flatten(x, 1), or x.view(x.size(0), -1). Then it is {b // c} x {c}.", flattened.line,
        )  # fmt: skip
    if left is not None:
        sentence += f" The first is {left.told(line)}."
    layer = _linear(run, right, c, d)
    if right is not None:
        sentence += f" The second is {right.told(line)}{layer}."
    two = tuple(each for each in (left, right) if each is not None)
    if left is not None and len(left.shape) > 2 and prod(left.shape[1:]) == c:
        fix = _fixed(run, line, left, ".flatten(1)")
        return _diagnosis(
            run,
            sentence,
            line,
            two,
            fix,
            f"All but the first dimension of {left.name} together are {c} features: {left.name}.flatten(1).",
        )
    if layer and right is not None and a != c:
        return _wider(run, sentence, line, two, right, b, c)
    if b == d and right is not None and not layer:
        return _diagnosis(
            run, sentence, line, two, _fixed(run, line, right, ".T"), f"The second transposed fits: {right.name}.T is {d} x {c}."
        )
    if a == c and left is not None:
        return _diagnosis(
            run, sentence, line, two, _fixed(run, line, left, ".T"), f"The first transposed fits: {left.name}.T is {b} x {a}."
        )
    if layer and right is not None:
        return _wider(run, sentence, line, two, right, b, c)
    advice = "Transpose one of them (.T), or change the layer's in_features." if b == d or a == c else "Look at where each comes from."
    return _diagnosis(run, sentence, line, two, advice=advice)


def vectors(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """Products with a vector: mv, dot, and batches of matrices."""
    found = re.search(r"got input \(\d+\), mat \((\d+)x(\d+)\), vec \((\d+)\)", text)
    if found is not None:
        rows, columns, length = (int(group) for group in found.groups())
        two = pair(operands(run, line), lambda a, b: a == (rows, columns) and b == (length,))
        sentence = (
            f"A {rows} x {columns} matrix takes a vector of {columns} numbers, and line {line} gives it one of {length}.{_both(two, line)}"
        )
        if two is not None and rows == length:
            return _diagnosis(run, sentence, line, two, _fixed(run, line, two[0], ".T"), f"The matrix transposed fits: {two[0].name}.T.")
        return _diagnosis(run, sentence, line, two or (), advice=f"It needs a vector of {columns} numbers, or another matrix.")
    found = re.search(r"expected tensor \[(\d+)\] and src \[(\d+)\]", text)
    if found is not None:
        a, b = (int(group) for group in found.groups())
        two = pair(operands(run, line), lambda one_, other: one_ == (a,) and other == (b,))
        sentence = f"The inner product of line {line} pairs each number of one vector with one of the other, and they have {a} and {b}.{_both(two, line)}"
        return _diagnosis(run, sentence, line, two or (), advice="Cut or make both with the same length.")
    found = re.search(r"batch2 tensor to be: \[(\d+), (\d+)\] but got: \[(\d+), (\d+)\]", text)
    if found is None:
        return None
    batch, columns, other_batch, rows = (int(group) for group in found.groups())
    two = pair(
        operands(run, line), lambda a, b: len(a) == len(b) == 3 and (a[0], a[2]) == (batch, columns) and b[:2] == (other_batch, rows)
    )
    words = f"{batch} matrices with {columns} columns meet {other_batch} with {rows} rows" + (
        "" if batch == other_batch else ": as many of each are needed"
    )
    sentence = f"In line {line} {words}.{_both(two, line)}"
    if two is not None and batch == other_batch and two[1].shape[2] == columns:
        return _diagnosis(
            run,
            sentence,
            line,
            two,
            _fixed(run, line, two[1], ".transpose(1, 2)"),
            "The second fits with its last two dimensions exchanged.",
        )
    return _diagnosis(run, sentence, line, two or (), advice="Columns of the first and rows of the second have to be as many.")


def reshaped(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """view and reshape into a shape of another number of elements."""
    found = re.search(r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", text)
    if found is None:
        return None
    wanted, size = [int(part) for part in found[1].split(",")], int(found[2])
    known = operands(run, line)
    source = one(known, lambda shape: prod(shape) == size)
    two = (source,) if source is not None else ()
    asked = prod(part for part in wanted if part >= 0)
    what = source.told(line) if source is not None else "The tensor"
    if -1 in wanted:
        sentence = f"{what} has {size} elements: they do not divide by {asked}, so there is no size for the -1 in {tuple(wanted)}."
        return _diagnosis(run, sentence, line, two, advice=f"Sizes that divide {size}: {', '.join(map(str, _divisors(size)))}.")
    sentence = f"{what} has {size} elements, and the shape {tuple(wanted)} in line {line} has {asked}."
    before = source_line(run, line)
    for place in range(len(wanted)):
        rest = asked // wanted[place] if wanted[place] else 0
        if rest and size % rest == 0:
            after = _with_minus_one(before, wanted, place)
            fix = Fix(line, before, after) if after else None
            fits = tuple(size // rest if k == place else part for k, part in enumerate(wanted))
            return _diagnosis(
                run,
                sentence,
                line,
                two,
                fix,
                f"With -1 in the place of {wanted[place]} it is {fits}; or keep the batch: x.view(x.size(0), -1).",
            )
    return _diagnosis(run, sentence, line, two, advice=f"Sizes that divide {size}: {', '.join(map(str, _divisors(size)))}.")


def joined(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """cat of tensors whose other dimensions differ."""
    found = re.search(r"must match except in dimension (\d+)\. Expected size (\d+) but got size (\d+) for tensor number (\d+)", text)
    if found is None:
        return None
    axis, size, other = (int(group) for group in found.groups()[:3])
    two = pair(operands(run, line), lambda a, b: len(a) == len(b) and size in a and other in b and _differ_only(a, b) >= 0 and a != b)
    sentence = f"cat along dimension {axis} in line {line} needs all other sizes equal, and one is {size} where the tensor number {found[4]} has {other}.{_both(two, line)}"
    if two is None:
        return _diagnosis(run, sentence, line, (), advice="Cat along the dimension in which they differ, or cut them to one size.")
    along = _differ_only(two[0].shape, two[1].shape)
    before = source_line(run, line)
    after = _with_dim(before, along)
    return _diagnosis(
        run,
        sentence,
        line,
        two,
        Fix(line, before, after) if after != before else None,
        f"They differ in dimension {along} only: cat along dim={along}.",
    )


def channels(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """A convolution of an image with another number of channels."""
    found = re.search(r"weight of size \[([\d, ]+)\], expected input\[([\d, ]+)\] to have (\d+) channels, but got (\d+)", text)
    if found is None:
        return None
    weight, given = (tuple(int(part) for part in group.split(",")) for group in found.groups()[:2])
    wanted, got = int(found[3]), int(found[4])
    known = operands(run, line)
    image, kernel = one(known, lambda shape: shape == given), one(known, lambda shape: shape == weight)
    two = tuple(each for each in (image, kernel) if each is not None)
    what = image.told(line) if image is not None else f"an input of shape {given}"
    sentence = f"The convolution of line {line} takes {wanted} channels (its weight is {weight}), and gets {what}: {got} channels, for they are dimension 1."
    if given[-1] == wanted:
        order = (0, len(given) - 1, *range(1, len(given) - 1))
        change = f".permute{order}"
        return _diagnosis(
            run,
            sentence,
            line,
            two,
            _fixed(run, line, image, change) if image is not None else None,
            f"The channels stand last here: {change[1:]} puts them where PyTorch wants them.",
        )
    return _diagnosis(run, sentence, line, two, advice=f"Make the layer with in_channels={got}, or give it {wanted} channels.")


# What would fit.


def _clash(a: Shape, b: Shape) -> tuple[int, int, int] | None:
    """(size of a, size of b, dimension) where broadcasting fails, as PyTorch counts; None where it does not."""
    rank = max(len(a), len(b))
    for back in range(1, rank + 1):
        one_, other = (shape[-back] if back <= len(shape) else 1 for shape in (a, b))
        if one_ != other and 1 not in (one_, other):
            return one_, other, rank - back
    return None


def _result(a: Shape, b: Shape) -> Shape:
    rank = max(len(a), len(b))
    wide = [(1,) * (rank - len(shape)) + shape for shape in (a, b)]
    return tuple(max(pair_) for pair_ in zip(*wide, strict=True))


def _changes(shape: Shape, other: Shape) -> list[tuple[str, Shape]]:
    """Changes of a tensor that people forget, as they are written behind it, each with the shape that it gives."""
    found: list[tuple[str, Shape]] = []
    if len(shape) < len(other):
        found += [(f".unsqueeze({at})", (*shape[:at], 1, *shape[at:])) for at in range(len(shape), 0, -1)]
    if len(shape) == 2:
        found.append((".T", shape[::-1]))
    elif len(shape) > 2:
        found.append((".transpose(-1, -2)", (*shape[:-2], shape[-1], shape[-2])))
    if prod(shape) == prod(other) and sorted(shape) != sorted(other):
        found.append((f".reshape{other}", other))
    return found


def _divisors(size: int) -> list[int]:
    return [k for k in range(1, min(size, 4096) + 1) if size % k == 0][:12]


def _differ_only(a: Shape, b: Shape) -> int:
    """The only dimension in which two shapes of one rank differ, -1 where there are none or several."""
    places = [k for k, (one_, other) in enumerate(zip(a, b, strict=False)) if one_ != other]
    return places[0] if len(places) == 1 and len(a) == len(b) else -1


def _with_minus_one(before: str, wanted: list[int], place: int) -> str:
    """The line with -1 in a place of the shape that is written there as numbers, "" where it is not."""
    parts = [re.escape(str(part)) for part in wanted]
    found = re.search(r"\s*,\s*".join(parts), before)
    if found is None:
        return ""
    shape = ", ".join("-1" if k == place else str(part) for k, part in enumerate(wanted))
    return before[: found.start()] + shape + before[found.end() :]


def _with_dim(before: str, along: int) -> str:
    """The line with another dim in its only call of cat."""
    named = re.sub(r"\b(dim|axis)\s*=\s*-?\d+", rf"\1={along}", before, count=1)
    start = before.find("cat(")
    if named != before or start < 0 or before.count("cat(") != 1:
        return named
    depth = 0
    for place in range(start + 3, len(before)):
        depth += (before[place] in "([{") - (before[place] in ")]}")
        if not depth:
            inside = re.sub(r"([\])])\s*,\s*-?\d+$", r"\1", before[:place])
            return f"{inside}, dim={along}{before[place:]}"
    return before  # the call goes on in the next line


def _linear(run: RecordedRun, right: Operand | None, rows: int, columns: int) -> str:
    """What is said of a weight that a Linear keeps, "" for another tensor."""
    if right is None:
        return ""
    weight = right.name.rsplit(".", 1)[-1] in ("weight", "t", "tensor") or right.name.endswith(".t()")
    made = source_line(run, right.made.line)
    return (
        f", of a Linear from {rows} to {columns}"
        if weight and ("Linear(" in made or "Linear(" in run.recording.source) and not right.named
        else ""
    )


def _wider(run: RecordedRun, sentence: str, line: int, two: tuple[Operand, ...], right: Operand, given: int, taken: int) -> Diagnosis:
    """The Linear is to take as many features as it is given."""
    leaf = next(
        (each for each in operands(run, line) if len(each.shape) == 2 and each.shape == right.shape[::-1] and each.made.line), right
    )
    for at in dict.fromkeys((right.made.line, leaf.made.line)):
        before = source_line(run, at)
        after = re.sub(rf"Linear\(\s*(in_features\s*=\s*)?{taken}\b", lambda m: f"Linear({m[1] or ''}{given}", before, count=1)
        if after != before and len(re.findall(r"Linear\(", before)) == 1:
            return _diagnosis(run, sentence, at, two, Fix(at, before, after), f"Make the layer for {given} features.")
    return _diagnosis(
        run, sentence, line, two, advice=f"Make the layer for {given} features, or give it {taken}: it looks at the last dimension."
    )


def _both(two: tuple[Operand, Operand] | None, line: int) -> str:
    return f" They are {two[0].told(line)}, and {two[1].told(line)}." if two is not None else ""


def _fixed(run: RecordedRun, line: int, operand: Operand, change: str) -> Fix | None:
    before = source_line(run, line)
    if not operand.named or not written(before, operand.name):
        return None
    return Fix(line, before, replaced_name(before, operand.name, f"{operand.name}{change}"))


def _diagnosis(run: RecordedRun, sentence: str, line: int, two: tuple[Operand, ...], fix: Fix | None = None, advice: str = "") -> Diagnosis:
    nodes = tuple(dict.fromkeys(each.made.site for each in two if each.made.site >= 0))
    event = max((each.made.index for each in two), default=failed_event(run))
    return Diagnosis("shapes", sentence, event, nodes, fix, advice, line)


def _flattened(run: RecordedRun, rows: int, width: int, wanted: int) -> Event | None:
    """The view that made one row of a whole batch."""
    if rows != 1 or wanted <= 0 or width % wanted or width == wanted:
        return None
    forms = run.recording.form
    for row in range(run.length - 1, max(-1, run.length - 40), -1):
        event = run.trace.event(row)
        if (
            event.kind.name not in ("VIEW", "OP")
            or not event.reads
            or not event.writes
            or min(event.reads[0].value, event.writes[0].value) < 0
        ):
            continue
        before, after = forms(event.reads[0].value)[0], forms(event.writes[0].value)[0]
        if after in ((width,), (1, width)) and len(before) > 1 and before[0] == width // wanted:
            return event
    return None
