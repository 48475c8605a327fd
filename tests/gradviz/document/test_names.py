"""Names of blocks are variables of the program that a document is: two blocks are never one variable, in whatever alphabet they are typed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.file.text import read, write
from gradviz.document.model import Document, Training, Value
from gradviz.document.run.evaluate import evaluate
from gradviz.document.script.code import to_code


def names(document: Document) -> list[str]:
    return [b.name for b in document.blocks.values()]


def block(document: Document, name: str) -> str:
    return next(b.id for b in document.blocks.values() if b.name == name)


def printed(document: Document, where: Path, *, train: bool = False) -> str:
    script = where / "made.py"
    script.write_text(to_code(document, evaluate(document).loss, train=train).text, encoding="utf-8")
    run = [sys.executable, "-m", "gradviz", "run", str(script)]
    return subprocess.run(run, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize(("typed", "kept"), [("\uff57", "w2"), ("\ufb01", "fi"), ("вес", "вес"), ("偏置", "偏置"), ("e\u0301", "é")])
def test_a_name_is_kept_as_python_reads_it(typed: str, kept: str, tmp_path: Path) -> None:
    document, _ = read_expression(Document(), "loss = mean((w*x)**2)")
    document = edits.set_value(document, block(document, "w"), Value((), (3.0,)))
    document = edits.rename(document, block(document, "x"), typed)
    assert names(document)[:2] == ["w", kept]
    assert printed(document, tmp_path).splitlines()[0] == "loss tensor(9., grad_fn=<MeanBackward0>)"
    document, _ = read_expression(document, f"{typed} * 2")
    assert len(document.blocks) == 6  # the same one is meant, no new one is made


def test_names_of_a_file_that_are_one_variable_are_told_apart() -> None:
    document, _ = read_expression(Document(), "m = w * x")
    opened = read(write(document).replace('"name": "x"', '"name": "\uff57"').encode())
    assert names(opened.document)[:2] == ["w", "w2"]
    assert "the name w is taken" in opened.left_out[0]
    assert json.loads(write(opened.document))["blocks"][1]["name"] == "w2"


def test_a_tensor_that_is_called_as_the_program_calls_a_layer_or_a_batch_is_another_variable(tmp_path: Path) -> None:
    document, _ = read_expression(Document(), "h = nn.Linear(2, 2)(x)\nloss = mean((h * h_layer + x_batch * 0.0)**2)")
    document = edits.set_value(document, block(document, "x"), Value((2, 2), (1.0, 2.0, 3.0, 4.0)))
    assert "loss tensor(" in printed(document, tmp_path)
    document = replace(document, training=Training(batch=1, epochs=2))
    assert len(printed(document, tmp_path, train=True).splitlines()) == 4


def test_thousands_of_copies_get_the_next_names_in_a_time_that_grows_with_their_number() -> None:
    """10,000 pasted nodes took 40 seconds: each looked at all names, and was put into a document of its own."""
    one, first = edits.add(Document(), "torch.exp", 0, 0)

    def taken(count: int) -> float:
        blocks = {f"b{k}": replace(one.blocks[first], id=f"b{k}", name=f"h{k}") for k in range(1, count)}
        piece = replace(one, blocks=blocks, next_number=count)
        begun = time.process_time()
        made, new = edits.paste(piece, piece, 0, 0)
        done = time.process_time() - begun
        assert len(set(names(made))) == len(made.blocks) == 2 * len(new) == 2 * (count - 1)
        assert [made.blocks[b].name for b in new] == [f"h{count + k}" for k in range(count - 1)]
        return done

    assert taken(6000) < 24 * taken(1000)


@pytest.mark.parametrize(("name", "copied"), [("h1", "h2"), ("h", "h2"), ("h09", "h10"), (f"h{'9' * 5000}", f"h{'9' * 5000}2")])
def test_a_copy_has_the_next_name(name: str, copied: str) -> None:
    document, _ = edits.add(Document(), "torch.exp", 0, 0, name=name)
    assert names(edits.duplicated(document, document.blocks, 0, 0)[0]) == [name, copied]
