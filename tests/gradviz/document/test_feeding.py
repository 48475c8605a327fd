"""What is offered where a wire was drawn from an input: only what can feed it, the likelier first."""

from __future__ import annotations

import pytest

from gradviz.document import edits
from gradviz.document.model import TENSOR, Document, Value
from gradviz.document.palette.catalogue import catalogue
from gradviz.document.palette.feeding import NEVER, Feeding, likely
from gradviz.document.palette.search import search
from gradviz.document.run.inference import infer


def input_of(op: str, port: str, **others: Value) -> Feeding:
    """An input of a block whose other inputs read tensors."""
    document, block = edits.add(Document(), op, 0, 0)
    for name, value in others.items():
        document, source = edits.add(document, TENSOR, 0, 0, value=value)
        document = edits.connect(document, source, block, name)
    return Feeding(document, (block, port), infer(document))


def drawn(*shape: int) -> Value:
    return Value(shape, (), "float32", "randn")


def rank(feeding: Feeding, op: str) -> int:
    return feeding.rank(catalogue()[op])


def test_a_product_of_matrices_is_not_fed_by_what_gives_one_number() -> None:
    other = input_of("torch.matmul", "other", input=drawn(2, 3))
    assert [rank(other, op) for op in ("torch.mean", "torch.sum", "F.mse_loss", "torch.argmax")] == [NEVER] * 4
    assert rank(other, TENSOR) == 0
    assert 0 < rank(other, "torch.exp") <= rank(other, "torch.matmul")


def test_places_are_whole_numbers() -> None:
    index = input_of("torch.take", "index", input=drawn(2, 3))
    assert rank(index, "torch.argmax") > 0 and rank(index, "torch.exp") == NEVER
    assert index.value().dtype == "int64"


@pytest.mark.parametrize("op", ["torch.mul", "torch.matmul", "F.linear", "F.conv2d"])
def test_a_tensor_that_is_added_fits(op: str) -> None:
    port = catalogue()[op].ports[1].name
    shape = (1, 3, 8, 8) if op == "F.conv2d" else (2, 3)
    feeding = input_of(op, port, input=drawn(*shape))
    document, block = edits.add(Document(), op, 0, 0)
    for name, value in (("input", drawn(*shape)), (port, feeding.value())):
        document, source = edits.add(document, TENSOR, 0, 0, value=value)
        document = edits.connect(document, source, block, name)
    assert infer(document)[block].problem == ""


def test_the_list_is_no_longer_than_wanted_and_begins_with_a_tensor() -> None:
    other = input_of("torch.mul", "other", input=drawn(2, 3))
    found = likely(other, search(""), 60)
    assert len(found) == 60 and [e.title for e in found[:4]] == ["tensor", "add", "mul", "sub"]
    assert all(other.rank(e) != NEVER for e in found)
