"""Values as people write them, and files of numbers; opening anything runs nothing."""

from __future__ import annotations

import math
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.file.keeping import load as load_document
from gradviz.document.file.text import read, write
from gradviz.document.model import TENSOR, Document, Value
from gradviz.document.number_files import load
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import array_of
from gradviz.document.script.code import to_code
from gradviz.document.values import parse, show

TYPED = {
    "1.5": ((), (1.5,)),
    "-2e-3": ((), (-0.002,)),
    "[1, 2, 3]": ((3,), (1, 2, 3)),
    "[[1, 2], [3, 4]]": ((2, 2), (1, 2, 3, 4)),
    "(1, 2)": ((2,), (1, 2)),
    "1\t2\n3\t4": ((2, 2), (1, 2, 3, 4)),
    "1,5\t2,5": ((1, 2), (1.5, 2.5)),
    "1, 2\n3, 4": ((2, 2), (1, 2, 3, 4)),
    "[]": ((0,), ()),
    "linspace(-1, 1, 5)": ((5,), (-1, -0.5, 0, 0.5, 1)),
    "torch.linspace(2, 0, steps=3)": ((3,), (2, 1, 0)),
    "linspace(3, 4, 1)": ((1,), (3,)),
    "arange(3)": ((3,), (0, 1, 2)),
    "arange(1, 2, 0.25)": ((4,), (1, 1.25, 1.5, 1.75)),
    "arange(3, 0, -1)": ((3,), (3, 2, 1)),
    "torch.linspace(-1, 1, 3).unsqueeze(1)": ((3, 1), (-1, 0, 1)),
    "arange(4)[:, None]": ((4, 1), (0, 1, 2, 3)),
    "arange(6).reshape(2, -1)": ((2, 3), (0, 1, 2, 3, 4, 5)),
    "[[1, 2], [3, 4]].view((4,))": ((4,), (1, 2, 3, 4)),
    "[1, 2].unsqueeze(-2).unsqueeze(0)": ((1, 1, 2), (1, 2)),
    "zeros(4).reshape(2, 2)": ((2, 2), ()),
}


@pytest.mark.parametrize("text", TYPED)
def test_what_is_typed_is_understood(text: str) -> None:
    value = parse(text, Value())
    assert (value.shape, value.data) == TYPED[text]


def test_drawn_values_have_a_seed_and_are_pytorchs() -> None:
    value = parse("randn(2, 3, seed=4)", Value())
    assert (value.source, value.shape, value.seed) == ("randn", (2, 3), 4)
    assert parse(show(value), Value()) == value
    first = array_of(value)
    np.testing.assert_array_equal(first, array_of(value))
    np.testing.assert_allclose(array_of(Value((3,), (), source="randn", seed=0)), [1.5410, -0.2934, -2.1788], atol=1e-4)


REFUSED = [
    "",
    "one",
    "[1, [2]]",
    "[[1], [2, 3]]",
    "__import__('os')",
    "[1" * 500,
    "(" * 5000,
    "randn(100000, 100000)",
    "9" * 5000,
    "1\t2\n3",
    "[" * 9 + "1" + "]" * 9,
    "linspace(0, 1)",
    "arange(4).reshape(3, 2)",
    "arange(4).reshape(-1, -1)",
    "arange(4).unsqueeze(3)",
    "arange(4).unsqueeze()",
    "linspace(0, 1, 2.5)",
    "linspace(0, 1, 1e12)",
    "arange(0, 1, 0)",
    "arange(1, 0)",
    "arange(0, 1e300, 1e-300)",
    "linspace(-1e308, 1e308, 3)",
    "linspace(0, 1e999, 3)",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_value_is_refused_in_words(text: str) -> None:
    with pytest.raises(DocumentProblem):
        parse(text, Value())


def test_whole_numbers_stay_whole() -> None:
    assert parse("[1.7, 2]", Value(dtype="int64")).data == (1.0, 2.0)


class Planted:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


def test_opening_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    np.save(tmp_path / "bad.npy", np.array([Planted(mark)], object), allow_pickle=True)
    (tmp_path / "bad.gradviz").write_bytes(pickle.dumps(Planted(mark)))
    (tmp_path / "name.gradviz").write_text(
        '{"gradviz": 2, "blocks": [{"id": "b1", "op": "torch.__import__", "name": "x", "at": [0, 0], "params": {"input": "__import__(\'os\')"}}]}'
    )
    seen: list[str] = []
    watching = True

    def audit(event: str, args: Any) -> None:
        # numpy reads the head of a .npy file with ast.literal_eval, which compiles to a tree and runs nothing
        if watching and event in ("exec", "subprocess.Popen", "os.system", "socket.connect", "pickle.find_class"):
            seen.append(f"{event} {args}"[:200])

    load_document(str(tmp_path / "name.gradviz"))  # what is imported for the first time is not the file's doing
    sys.addaudithook(audit)
    for name in ("bad.npy", "bad.gradviz", "name.gradviz"):
        try:
            load_document(str(tmp_path / name))
        except DocumentProblem:
            continue
    with pytest.raises(DocumentProblem):
        load(str(tmp_path / "bad.npy"), Value())
    watching = False
    assert seen == []
    assert not mark.exists()
    assert math.isnan(load_nan())


def load_nan() -> float:
    """A file with numbers that JSON has no word for."""
    from gradviz.document.file.text import read

    text = b'{"gradviz": 2, "blocks": [{"id": "b1", "op": "tensor", "name": "x", "at": [0, 0], "value": {"shape": [], "data": [{"number": "nan"}]}}]}'
    value = read(text).document.blocks["b1"].value
    assert value is not None
    return value.data[0]


@pytest.mark.parametrize(
    ("text", "dtype", "line"),
    [
        ("normal(1, 0.5, (2, 3), seed=4)", "float32", "torch.normal(1.0, 0.5, (2, 3))"),
        ("uniform(-1, 2, (4,), seed=2)", "float32", "torch.empty((4,)).uniform_(-1.0, 2.0)"),
        ("randint(0, 5, (3, 2), seed=1)", "int64", "torch.randint(0, 5, (3, 2))"),
        ("uniform(0, 1e-3, ())", "float32", "torch.empty(()).uniform_(0.0, 0.001)"),
    ],
)
def test_distributions_are_written_drawn_from_their_seed_saved_and_read_again(text: str, dtype: str, line: str) -> None:
    value = parse(text, Value())
    assert value.dtype == dtype
    assert parse(show(value), Value()) == value
    numbers = array_of(value)
    np.testing.assert_array_equal(numbers, array_of(value))
    low, high = value.ends
    assert value.source == "normal" or (numbers.min() >= low and numbers.max() < high)
    document, _ = edits.add(Document(), TENSOR, 0, 0, value=value, requires_grad=dtype == "float32")
    assert read(write(document).encode()).document == document
    code = to_code(document).text
    assert line in code
    again, _ = read_expression(Document(), code)
    assert next(iter(again.blocks.values())).value == value
    assert next(iter(again.blocks.values())).requires_grad is (dtype == "float32")


@pytest.mark.parametrize("text", ["uniform(1, 1, (2,))", "normal(0, -1, (2,))", "randint(0, 2.5, (2,))", "normal(0, 1, (10000, 10000))"])
def test_distributions_that_cannot_be_drawn_are_refused(text: str) -> None:
    with pytest.raises(DocumentProblem):
        parse(text, Value())


def test_tensors_that_are_typed_as_drawn_are_not_the_same_numbers() -> None:
    from gradviz.document import edits, values
    from gradviz.document.model import TENSOR, Document
    from gradviz.document.run.evaluate import array_of

    document = Document()
    for text in ("randn(3)", "randn(3)", "rand(2)", "randn(3, seed=1)", "[1, 2]", "randn(3)"):
        document, block = edits.add(document, TENSOR, 0, 0)
        before = document.blocks[block].value or Value()
        document = edits.set_value(document, block, values.typed(text, before, edits.seeds(document)))
    made = [b.value for b in document.blocks.values() if b.value is not None]
    assert [v.seed for v in made] == [0, 1, 2, 1, 0, 3]
    assert not np.array_equal(array_of(made[0]), array_of(made[1]))
    again = values.typed("randn(4)", made[1], edits.seeds(document))
    assert again.seed == 1  # its own goes on
