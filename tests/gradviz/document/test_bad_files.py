"""Files that somebody else wrote, cut, merged or mended by hand: opened as far as that goes, and what is wrong is said with its place."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from gradviz.document.file.text import read, write
from gradviz.document.model import ordered
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.training import Trainer
from gradviz.document.script.code import to_code

W: dict[str, Any] = {"id": "b1", "op": "tensor", "name": "w", "at": [0, 0], "value": {"shape": [], "dtype": "float32", "data": [0.5]}}
Y: dict[str, Any] = {"id": "b2", "op": "torch.pow", "name": "y", "at": [240, 0], "params": {"exponent": 2}}
T: dict[str, Any] = {"loss": "", "optimizer": "SGD", "options": {"lr": 0.1}, "epochs": 2, "zero_grad": "each", "every": 2, "to_none": True}
DRAWN = {"shape": [2], "dtype": "float32", "source": "randn", "seed": 1, "anew": True}
NAN = {"number": "nan"}


def file(**other: Any) -> dict[str, Any]:
    wire = {"from": "b1", "to": "b2", "port": "input"}
    return {"gradviz": 2, "next": 5, "blocks": [{**W, "requires_grad": True}, Y], "wires": [wire], "frames": [], "training": T, **other}


def w(**other: Any) -> dict[str, Any]:
    return file(blocks=[{**W, "requires_grad": True, **other}, Y])


def y(**other: Any) -> dict[str, Any]:
    return file(blocks=[{**W, "requires_grad": True}, {**Y, **other}])


def training(**other: Any) -> dict[str, Any]:
    return file(training={**T, **other})


SAID: dict[str, tuple[dict[str, Any], int, str]] = {  # how many blocks are opened, and the first thing that is said
    "a place that is nan": (y(at=[NAN, 0]), 2, "block y: it stood out of reach, at nan, 0; it was put in the middle"),
    "a place of words": (y(at=["a", "b"]), 1, "blocks[1]: “at” needs numbers, not 'a'"),
    "a note that is a number": (y(told=5), 2, "block y: “told” needs a text; it is left out"),
    "a note that is no text": (y(told="\ud800"), 2, "block y: “told” has signs that are no text; it is left out"),
    "a slider to nan": (w(value={**W["value"], "slider": [0, NAN]}), 2, "a slider cannot go from 0 to nan; it got its usual ends"),
    "a slider upside down": (w(value={**W["value"], "slider": [5, -5]}), 2, "a slider cannot go from 5 to -5; it got its usual ends"),
    "whole numbers that are nan": (w(value={"shape": [], "dtype": "int64", "data": [NAN]}), 1, "blocks[0]: int64 has no nan, no inf"),
    "whole numbers beyond all": (w(value={"shape": [], "dtype": "int64", "data": [1e300]}), 1, "blocks[0]: int64 has no nan, no inf"),
    "ends the wrong way round": (
        w(value={**DRAWN, "source": "uniform", "ends": [2, 1]}),
        1,
        "blocks[0]: uniform needs its first end below",
    ),
    "a negative deviation": (w(value={**DRAWN, "source": "normal", "ends": [0, -1]}), 1, "blocks[0]: the standard deviation"),
    "words for parts": (training(others="two"), 2, "training: “others” is a list of at most 100 losses and optimizers"),
    "a hundred and one parts": (training(others=[{"loss": "", "optimizer": ""}] * 101), 2, "training: “others” is a list of at most 100"),
    "a part with a loss that is not there": (
        training(others=[{"loss": "b77", "optimizer": "SGD"}]),
        2,
        "training.others[0]: there is no block b77",
    ),
    "a part whose optimizer is code": (
        training(others=[{"loss": "b2", "optimizer": "os.system('x')"}]),
        2,
        "training.others[0]: “optimizer”",
    ),
    "numbers that are moved": (training(moves=[1]), 2, "training: “moves” needs a list of ids"),
    "an op that is a path": (y(op="../../etc/passwd"), 2, "block y: the engine has no ../../etc/passwd; it is kept, but cannot run"),
}
REFUSED: dict[str, tuple[bytes, str]] = {
    "marks of a merge": (b"<<<<<<< HEAD\n" + json.dumps(file()).encode(), "merged, and git has left its marks where they differ (line 1)"),
    "marks in the middle": (
        json.dumps(file(), indent=1).replace(' "wires"', '<<<<<<< HEAD\n "wires"').encode(),
        "its marks where they differ (line",
    ),
    "a page of the web": (b"<!doctype html><title>404</title>", "it does not begin like a document (line 1, column 1)"),
    "words behind the end": (json.dumps(file()).encode() + b"\nhello", "it is damaged: extra data (line 2, column 1)"),
    "nesting within strings and without": (
        json.dumps(file())[:-1].encode() + b', "x": ' + b"[" * 30 + b'"]"' + b"]" * 30 + b"}",
        "more than 24 deep",
    ),
    "nesting behind backslashes": (
        json.dumps(file())[:-1].encode() + b', "x\\"": ' + b"[" * 30 + b"]" * 30 + b"}",
        "more than 24 deep (line 1",
    ),
    "eight million numbers": (b'{"gradviz": 2, "blocks": [' + b"1," * 8_000_001, "more than 8,000,000 values"),
    "two million lists": (b'{"gradviz": 2, "blocks": [' + b"[]" * 2_000_001, "more than 2,000,000 lists and objects"),
    "half a million blocks": (b'{"gradviz": 2, "blocks": [' + b"{}," * 500_001, "more than 500,000 blocks, wires and frames"),
    "a million escaped signs": (b'{"gradviz": 2, "x": "' + rb"\n" * 1_000_001, "more than 1,000,000 escaped signs"),
    "nothing but ends": (b'{"gradviz": 2, "blocks": ' + b"]" * 3_000_000, "it is damaged: expecting value (line 1, column 26)"),
}
NO_TRAINING: dict[str, tuple[dict[str, Any], str]] = {
    "a rate that is a word": (training(options={"lr": "fast"}), "lr has to be a number; “fast” is none"),
    "two rates": (training(options={"lr": [0.1, 0.2]}), "lr has to be a number"),
    "an optimizer that there is none of": (training(optimizer="Nope"), "torch.optim has no Nope"),
    "a scheduler that divides by 0": (training(scheduler="StepLR", scheduler_options={"step_size": 0}), "StepLR: integer modulo by zero"),
    "a word that LBFGS does not know": (training(optimizer="LBFGS", options={"line_search_fn": "magic"}), "only 'strong_wolfe' is supported"),
    "an optimizer of a power": (training(moves=["b2"]), "nothing is left for SGD to move: name tensors that require grad, or layers"),
    "a tensor that two move": (training(others=[{"loss": "", "optimizer": "SGD", "options": {"lr": 1}, "moves": ["b1"]}], moves=["b1"]), "two"),
    "a layer of a billion": (
        y(op="nn.Linear", params={"in_features": 1, "out_features": 10**9}),
        "y: Unable to allocate",
    ),
}  # fmt: skip


def used(made: dict[str, Any]) -> None:
    """All that a window does with a document when it is opened, changed a little, and saved."""
    document = read(json.dumps(made).encode()).document
    to_code(document, evaluate(document).loss, train=True)
    assert read(write(document).encode()).document == document


@pytest.mark.parametrize("kind", SAID)
def test_what_is_right_is_opened_and_the_rest_is_said(kind: str) -> None:
    made, blocks, said = SAID[kind]
    opened = read(json.dumps(made).encode())
    assert len(opened.document.blocks) == blocks
    assert opened.left_out[0].startswith(said)
    used(made)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_document_is_refused_with_the_place(kind: str) -> None:
    data, said = REFUSED[kind]
    with pytest.raises(DocumentProblem) as refused:
        read(data)
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", NO_TRAINING)
def test_a_training_that_cannot_be_says_why(kind: str) -> None:
    made, said = NO_TRAINING[kind]
    used(made)
    with pytest.raises(DocumentProblem) as refused:
        list(islice(Trainer(read(json.dumps(made).encode()).document).epochs(), 3))
    assert said in str(refused.value)


@pytest.mark.parametrize("as_saved", [lambda text: text.encode("utf-16"), lambda text: text.encode("utf-8-sig")])
def test_a_file_that_notepad_wrote_is_opened(as_saved: Callable[[str], bytes]) -> None:
    opened = read(as_saved(json.dumps(file())))
    assert len(opened.document.blocks) == 2 and not opened.left_out


def test_signs_within_words_are_words() -> None:
    words = '\\"[{,' * 2000
    opened = read(json.dumps(y(told=words)).encode())
    assert opened.document.blocks["b2"].told == words and not opened.left_out


@pytest.mark.parametrize("seed", range(5))
def test_of_wires_in_circles_only_those_are_left_out_that_would_close_one(seed: int) -> None:
    chance = random.Random(seed)
    blocks = [{**Y, "id": f"b{k}", "name": f"y{k}"} for k in range(12)]
    ends = {(chance.randrange(12), port) for port in range(12) for _ in range(2)}
    wires = [{"from": f"b{a}", "to": f"b{b}", "port": "input"} for b, a in {b: a for a, b in ends}.items()]
    opened = read(json.dumps(file(blocks=blocks, wires=wires)).encode())
    kept = {target: wire.source for (target, _), wire in opened.document.wires.items()}
    assert opened.left_out and len(ordered(opened.document)) == 12
    for wire in wires:
        if wire["to"] not in kept:
            way = [wire["from"]]
            while way[-1] != wire["to"]:
                way.append(kept[way[-1]])  # what is left out closes a circle with what is kept
            assert f"the wire from {wire['from']} to {wire['to']}.input would close a circle" in opened.left_out


def test_a_circle_of_thousands_costs_no_more_than_a_chain_of_as_many() -> None:
    """It took the square of their number: each wire was followed back to the beginning. What closes the circle is left out."""
    chain = [{"from": f"b{k}", "to": f"b{k + 1}", "port": "input"} for k in range(1, 6000)]
    blocks = [{**Y, "id": f"b{k}", "name": f"y{k}"} for k in range(1, 6001)]

    def taken(**last: str) -> float:
        data = json.dumps(file(blocks=blocks, wires=[*chain, {"port": "input", **last}])).encode()
        begun = time.process_time()
        opened = read(data)
        done = time.process_time() - begun
        assert len(opened.document.wires) == 5999
        assert opened.left_out[0].endswith(last["told"])
        return done

    circle = taken(**{"from": "b6000", "to": "b1", "told": "the wire from b6000 to b1.input would close a circle"})
    assert circle < 6 * taken(**{"from": "b7000", "to": "b1", "told": "there is no block b7000"})


def test_a_name_that_thousands_of_blocks_have_costs_no_more_than_as_many_names() -> None:
    """It took the square of their number: 60,000 blocks called alike were read for longer than ten minutes."""

    def taken(name: Callable[[int], str]) -> float:
        data = json.dumps(file(blocks=[{**W, "id": f"b{k}", "name": name(k)} for k in range(8000)])).encode()
        begun = time.process_time()
        opened = read(data)
        assert len({block.name for block in opened.document.blocks.values()}) == 8000
        return time.process_time() - begun

    assert taken(lambda _: "w") < 6 * taken(lambda k: f"w{k}")
