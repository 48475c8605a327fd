"""Any document that edits can make is written, read and written again with the same bytes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from gradviz.document import edits
from gradviz.document.file.text import read, write
from gradviz.document.model import Document, Part, Training, Value
from gradviz.document.run.inference import infer
from gradviz.document.wiring import why_not, with_wire
from tests.campaigns import share

OPS = ("tensor", "torch.add", "torch.mul", "torch.exp", "torch.mean", "torch.matmul", "F.relu", "torch.cat", "nn.Linear", "reroute")
NUMBERS = st.floats(width=32)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@st.composite
def values(draw: st.DrawFn) -> Value:
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
    count = 1
    for size in shape:
        count *= size
    kind = draw(st.sampled_from(("data", "zeros", "ones", "randn", "rand")))
    if kind != "data":
        anew = kind.startswith("rand") and draw(st.booleans())
        return Value(shape, (), source=kind, seed=draw(st.integers(0, 2**31)), anew=anew)
    return Value(shape, tuple(draw(st.lists(NUMBERS, min_size=count, max_size=count))))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    document = Document()
    made: list[str] = []
    for op in draw(st.lists(st.sampled_from(OPS), max_size=8)):
        document, block = edits.add(document, op, draw(st.floats(-1e6, 1e6)), draw(st.floats(-1e6, 1e6)))
        if op == "tensor":
            document = edits.set_value(document, block, draw(values()))
        made.append(block)
    for _ in range(draw(st.integers(0, 10)) if made else 0):
        source, target = draw(st.sampled_from(made)), draw(st.sampled_from(made))
        port = draw(st.sampled_from(("input", "other", "mat2", "tensors.0")))
        if not why_not(document, source, target, port, infer(document)):
            document = with_wire(document, source, target, port)
    if draw(st.booleans()) and made:
        kind = draw(st.sampled_from(("no_grad", "comment")))
        members = draw(st.lists(st.sampled_from(made), min_size=1, unique=True))
        document = edits.frame(document, kind, draw(TEXTS), members)
    if draw(st.booleans()) and made:
        told = document.blocks[draw(st.sampled_from(made))]
        document = document.with_block(replace(told, told=draw(TEXTS)))
    training = Training(
        epochs=draw(st.integers(1, 1000)),
        options={"lr": draw(st.floats(0, 10))},
        batch=draw(st.integers(0, 64)),
        shuffle=draw(st.booleans()),
    )
    if draw(st.booleans()) and made:
        some = st.lists(st.sampled_from(made), max_size=2, unique=True).map(tuple)
        part = st.builds(Part, st.sampled_from(["", *made]), st.sampled_from(["", "SGD"]), st.just({"lr": 0.1}), some)
        training = replace(training, moves=draw(some), others=tuple(draw(st.lists(part, max_size=3))))
    return edits.set_training(document, training)


@settings(max_examples=share(10_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_what_is_written_is_read_again_with_the_same_bytes(document: Document) -> None:
    text = write(document)
    opened = read(text.encode())
    assert opened.left_out == ()
    assert write(opened.document) == text
    kept = (opened.document.wires, opened.document.frames, opened.document.training)
    assert kept == (document.wires, document.frames, document.training)


def test_the_documents_that_are_tried_have_wires() -> None:
    assert find(documents(), lambda d: len(d.wires) > 1 and bool(d.training.others)).wires
