"""Tables of other programs: titles, decimal commas, labels in words."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from gradviz.document.model import LARGEST, Value
from gradviz.document.number_files import load
from gradviz.document.problem import DocumentProblem
from gradviz.document.tables import read_table

IRIS = """sepal length,"petal length, cm",species
5.1,1.4,setosa
7.0,4.7,versicolor
6.3,,virginica
4.9,1.5,setosa
"""


def test_labels_in_words_become_whole_numbers_and_are_told() -> None:
    table = read_table(IRIS)
    assert table.names == ("sepal length", "petal length, cm", "species")
    assert [row[2] for row in table.rows] == [0.0, 1.0, 2.0, 0.0]
    assert math.isnan(table.rows[2][1])
    assert table.told("iris") == (
        "iris has 1 empty cell: nan. iris holds sepal length, petal length, cm, species (setosa = 0, versicolor = 1, virginica = 2). "
        "Columns are taken by an expression (=): x = iris[:, :2], y = iris[:, 2].long()."
    )


def test_a_column_of_numbers_is_taken_as_a_column() -> None:
    assert read_table("a,b,price\n1,2,3\n4,5,6\n").told("house").endswith("x = house[:, :2], y = house[:, 2:].")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2\n3,4\n", [[1.0, 2.0], [3.0, 4.0]]),
        ("a;b\n1,5;2\n3;4,25\n", [[1.5, 2.0], [3.0, 4.25]]),
        ("1,5\t2\n3\t4\n", [[1.5, 2.0], [3.0, 4.0]]),
        ("1, 2, 3\n", [[1.0, 2.0, 3.0]]),
        ("id,7,8\n1,2,3\n", [[1.0, 2.0, 3.0]]),  # titles that are numbers for the most part
        ("yes,1\nno,2\nyes,3\n", [[0.0, 1.0], [1.0, 2.0], [0.0, 3.0]]),
        ("x\n\n1\n\n2\n", [[1.0], [2.0]]),
        ("1 000;2\n2\u00a0500;3\n", [[1000.0, 2.0], [2500.0, 3.0]]),  # no title: groups of three digits
        ("1.234,5;7\n1.234;8\n", [[1234.5, 7.0], [1234.0, 8.0]]),
        ("1,234.5\t7\n1,234\t8\n", [[1234.5, 7.0], [1234.0, 8.0]]),
        ("1.234;7\n", [[1.234, 7.0]]),
        ("1,234\t7\n", [[1.234, 7.0]]),
        ('"1,234",7\n', [[1234.0, 7.0]]),
        ("1.234.567;0\n1.000;0\n", [[1234567.0, 0.0], [1000.0, 0.0]]),
        ("50%\t\u22123\n12.5 %\t4\n", [[0.5, -3.0], [0.125, 4.0]]),
        ("$1.50,-€2\n3 $,4\n", [[1.5, -2.0], [3.0, 4.0]]),
        ("TRUE,1\nFALSE,2\nTRUE,3\n", [[1.0, 1.0], [0.0, 2.0], [1.0, 3.0]]),
        ("a,b\nNA,1\n2,#N/A\n", [[math.nan, 1.0], [2.0, math.nan]]),
        ("1_000,2\n1,3\n", [[1.0, 3.0]]),  # Python alone reads that as a number
        ("1e3,-inf,nan\n0x,2,3\n0x,2,3\n".replace("0x", "5"), [[1000.0, -math.inf, math.nan], [5.0, 2.0, 3.0], [5.0, 2.0, 3.0]]),
    ],
)
def test_tables_in_the_ways_that_programs_write_them(text: str, rows: list[list[float]]) -> None:
    assert str(read_table(text).rows) == str(rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it holds no numbers"),
        ("a,b\n", "it holds no numbers"),
        ("a,b\nc,d\n", "it holds no numbers"),
        ("1,2\n3\n", "the rows have different lengths: 2 and 1"),
        ("x\n1\n2\noops\n4\n", "“oops” is no number"),
        ("1,2\n#REF!,4\n", r"#REF! is an error of the spreadsheet that it comes from \(row 2\)"),
        ("#DIV/0!,2\n3,4\n", r"#DIV/0! is an error .* \(row 1\)"),
        ("1\n1e400\n", r"1e400 is too large for a number \(row 2\)"),
        ("n,t\n" + "".join(f"{k},text {k}\n" for k in range(1500)), "1,500 different words"),
        ("1," * 20 + "1\n" + ("1," * 20 + "1\n") * (LARGEST // 10), "too many"),
        ("1,2\n3,\x00\n" * 2, "no"),
    ],
)
def test_what_is_no_table_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(DocumentProblem, match=said):
        read_table(text)


def test_the_row_of_a_wrong_cell_is_told() -> None:
    with pytest.raises(DocumentProblem) as caught:
        read_table("x\n1\n2\noops\n4\n")
    assert caught.value.place == "row 4"  # as the spreadsheet counts them


def test_a_file_of_them(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text("\ufeff" + IRIS, encoding="utf-8")
    (loaded,) = load(str(tmp_path / "iris.csv"), Value())
    value, table = loaded.value, loaded.table
    assert value.shape == (4, 3) and table is not None and table.words == {2: ("setosa", "versicolor", "virginica")}


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        (",x,y\n0,1.5,2\n1,2.5,3\n", True),
        ("Unnamed: 0;x;y\n1;1,5;2\n2;2,5;3\n", True),
        (",x,y\n0,1.5,2\n5,2.5,3\n", False),
        ("n,x,y\n0,1.5,2\n1,2.5,3\n", False),
    ],
)
def test_a_column_that_only_counts_the_rows_is_left_out(text: str, counted: bool) -> None:
    table = read_table(text)
    assert table.counted is counted
    assert [row[-2:] for row in table.rows] == [[1.5, 2.0], [2.5, 3.0]] and len(table.rows[0]) == (2 if counted else 3)
    assert len(table.names) == len(table.rows[0])
    assert table.told("data").startswith("The column of row numbers was left out. data holds x, y.") is counted
