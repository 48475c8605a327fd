"""A table as other programs write it: numbers between commas, semicolons or tabs, perhaps with titles, perhaps with words in a column.

Words are what a label is called: the first one that comes is 0, the next other one 1.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field

from .model import LARGEST
from .problem import DocumentProblem

MOST = 1000  # different words of a column; a column with more of them is a text
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers row by row.

    Attributes:
        names: the titles of the columns, () where there are none.
        words: of a column that held words (by its place) these, each at the number that stands for it.
    """

    rows: list[list[float]]
    names: tuple[str, ...] = ()
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def told(self, name: str) -> str:
        """What a tensor of it holds, and how its columns are taken; "" where there is nothing to tell."""
        columns = len(self.rows[0]) if self.rows else 0
        if not (self.names or self.words) or columns < 2:
            return ""
        shown = [f"{self._title(k)}{self._meaning(k)}" for k in range(columns)]
        few = ", ".join(shown[:SHOWN]) + (f" and {columns - SHOWN} more" if columns > SHOWN else "")
        return f"{name} holds {few}. Columns are taken by an expression (=): x = {name}[:, :{columns - 1}], y = {name}[:, {columns - 1}]."

    def _title(self, column: int) -> str:
        return self.names[column] if self.names else f"column {column}"

    def _meaning(self, column: int) -> str:
        words = self.words.get(column, ())
        some = ", ".join(f"{word} = {k}" for k, word in enumerate(words[:SHOWN]))
        return f" ({some}{', …' if len(words) > SHOWN else ''})" if words else ""


def read_table(text: str) -> Table:
    """A table out of a text.

    Raises:
        DocumentProblem: rows of different lengths, a column of numbers with something else in it, or no numbers at all.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    mark = next((mark for mark in "\t;" if lines and mark in lines[0]), ",")
    count = len(lines) * (lines[0].count(mark) + 1) if lines else 0
    if count > 2 * LARGEST:
        raise DocumentProblem(f"about {count:,} cells are too many; {LARGEST:,} are possible")
    try:
        cells = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=mark, skipinitialspace=True)]
    except csv.Error as problem:
        raise DocumentProblem(f"this is no table: {problem}") from None
    comma = mark != ","  # then a comma is a decimal one
    names: tuple[str, ...] = ()
    if cells and _titled(cells, comma):
        names, cells = tuple(cells[0]), cells[1:]
    if not cells:
        raise DocumentProblem("it holds no numbers")
    for number, row in enumerate(cells, 1):
        if len(row) != len(cells[0]):
            raise DocumentProblem(f"the rows have different lengths: {len(cells[0])} and {len(row)}", f"row {number}")
    columns, words = [], {}
    for k, column in enumerate(zip(*cells, strict=True)):
        numbers = [_number(cell, comma) for cell in column]
        wrong = [row for row, value in enumerate(numbers) if value is None]
        if 2 * len(wrong) > len(numbers):
            kinds = tuple(dict.fromkeys(column))
            if len(kinds) > MOST:
                raise DocumentProblem(f"column {names[k] if names else k} holds {len(kinds):,} different words: a text, and no label")
            words[k] = kinds
            columns.append([float(kinds.index(cell)) for cell in column])
        elif wrong:
            raise DocumentProblem("a cell is no number", f"row {wrong[0] + 1}")
        else:
            columns.append([value for value in numbers if value is not None])
    if len(words) == len(columns):
        raise DocumentProblem("it holds no numbers")
    return Table([list(row) for row in zip(*columns, strict=True)], names, words)


def _titled(cells: list[list[str]], comma: bool) -> bool:
    """Whether the first row is one of titles: words only, or a word above numbers."""
    first = [_number(cell, comma) is None for cell in cells[0]]
    below = cells[1:11]
    over = (wordy and below and all(k < len(row) and _number(row[k], comma) is not None for row in below) for k, wordy in enumerate(first))
    return all(first) or any(over)


def _number(cell: str, comma: bool) -> float | None:
    """The number of a cell, nan for an empty one, None for words."""
    if not cell:
        return float("nan")
    try:
        return float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        return None
