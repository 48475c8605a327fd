"""A table as other programs write it: numbers between commas, semicolons or tabs, perhaps with titles, perhaps with words in a column.

Words are what a label is called: the first one that comes is 0, the next other one 1.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field

from .model import LARGEST
from .numerals import decimal_mark, is_error, number
from .problem import DocumentProblem

MOST = 1000  # different words of a column; a column with more of them is a text
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers row by row.

    Attributes:
        names: the titles of the columns, () where there are none.
        words: of a column that held words (by its place) these, each at the number that stands for it.
        empty: how many cells were empty; they are nan.
        counted: there was a column without a title that only counted the rows, as pandas writes it; it was left out.
    """

    rows: list[list[float]]
    names: tuple[str, ...] = ()
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)
    empty: int = 0
    counted: bool = False

    def told(self, name: str) -> str:
        """What a tensor of it holds, and how its columns are taken; "" where there is nothing to tell."""
        columns = len(self.rows[0]) if self.rows else 0
        nan = f"{name} has {self.empty:,} empty cell{'s' * (self.empty != 1)}: nan. " if self.empty else ""
        nan += "The column of row numbers was left out. " if self.counted else ""
        if not (self.names or self.words) or columns < 2:
            return nan.rstrip()
        shown = [f"{self._title(k)}{self._meaning(k)}" for k in range(columns)]
        few = ", ".join(shown[:SHOWN]) + (f" and {columns - SHOWN} more" if columns > SHOWN else "")
        last = columns - 1
        # classes stand in a row, as cross_entropy takes them; numbers in a column, as a layer gives them: a row would be stretched
        target = f"{name}[:, {last}].long()" if last in self.words else f"{name}[:, {last}:]"
        return f"{nan}{name} holds {few}. Columns are taken by an expression (=): x = {name}[:, :{last}], y = {target}."

    def _title(self, column: int) -> str:
        return self.names[column] if self.names else f"column {column}"

    def _meaning(self, column: int) -> str:
        words = self.words.get(column, ())
        some = ", ".join(f"{word} = {k}" for k, word in enumerate(words[:SHOWN]))
        return f" ({some}{', …' if len(words) > SHOWN else ''})" if words else ""


def read_table(text: str) -> Table:
    """A table out of a text.

    Raises:
        DocumentProblem: rows of different lengths, a column of numbers with something else in it, a cell that a spreadsheet could not
            compute, a number too large for a float, or no numbers at all.
    """
    kept = [(place, line) for place, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [line for _, line in kept]
    between = next((sign for sign in "\t;" if lines and sign in lines[0]), ",")
    count = len(lines) * (lines[0].count(between) + 1) if lines else 0
    if count > 2 * LARGEST:
        raise DocumentProblem(f"about {count:,} cells are too many; {LARGEST:,} are possible")
    places, cells = [], []
    try:
        reader = csv.reader(lines, delimiter=between, skipinitialspace=True)
        for row in reader:
            cells.append([cell.strip() for cell in row])
            places.append(f"row {kept[reader.line_num - 1][0]}")
    except csv.Error as problem:
        raise DocumentProblem(f"this is no table: {problem}") from None
    mark = decimal_mark((cell for row in cells for cell in row), "." if between == "," else ",")
    names: tuple[str, ...] = ()
    if cells and _titled(cells, mark):
        names, cells, places = tuple(cells[0]), cells[1:], places[1:]
    if not cells:
        raise DocumentProblem("it holds no numbers")
    for place, row in zip(places, cells, strict=True):
        if len(row) != len(cells[0]):
            raise DocumentProblem(f"the rows have different lengths: {len(cells[0])} and {len(row)}", place)
    columns, words, empty = [], {}, 0
    for k, column in enumerate(zip(*cells, strict=True)):
        numbers = [number(cell, mark) for cell in column]
        wrong = [at for at, value in enumerate(numbers) if value is None]
        for at in sorted({*wrong, *(at for at, value in enumerate(numbers) if value in (math.inf, -math.inf))}):
            if said := _refused(column[at], numbers[at]):
                raise DocumentProblem(said, places[at])
        if 2 * len(wrong) > len(numbers):
            kinds = tuple(dict.fromkeys(column))
            if len(kinds) > MOST:
                raise DocumentProblem(f"column {names[k] if names else k} holds {len(kinds):,} different words: a text, and no label")
            words[k] = kinds
            columns.append([float(kinds.index(cell)) for cell in column])
        elif wrong:
            raise DocumentProblem(f"“{column[wrong[0]][:40]}” is no number", places[wrong[0]])
        else:
            empty += column.count("")
            columns.append([value for value in numbers if value is not None])
    if len(words) == len(columns):
        raise DocumentProblem("it holds no numbers")
    counted = len(columns) > 1 and names[:1] in (("",), ("Unnamed: 0",)) and _counts(columns[0])
    if counted:
        names, columns, words = names[1:], columns[1:], {k - 1: some for k, some in words.items()}
    return Table([list(row) for row in zip(*columns, strict=True)], names, words, empty, counted)


def _counts(column: list[float]) -> bool:
    """Whether a column has the numbers of the rows, from 0 or 1 on."""
    return column[0] in (0.0, 1.0) and column == [column[0] + k for k in range(len(column))]


def _refused(cell: str, value: float | None) -> str:
    """Why a cell is neither a number nor a word; "" where it is one."""
    if value is None:
        return f"{cell} is an error of the spreadsheet that it comes from" if is_error(cell) else ""
    if math.isinf(value) and any(c.isdigit() for c in cell):
        return f"{cell} is too large for a number"
    return ""


def _titled(cells: list[list[str]], mark: str) -> bool:
    """Whether the first row is one of titles: words only, or a word above numbers."""
    first = [number(cell, mark) is None and not is_error(cell) for cell in cells[0]]
    below = cells[1:11]
    over = (wordy and below and all(k < len(row) and number(row[k], mark) is not None for row in below) for k, wordy in enumerate(first))
    return all(first) or any(over)
