"""The `.gradviz` format, saving, and the journal."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.file import keeping
from gradviz.document.file.journal import Journal, abandoned, recover
from gradviz.document.file.keeping import GENERATIONS, generations_of, load, save
from gradviz.document.file.text import read, write
from gradviz.document.model import TENSOR, Document, Value, Wire
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.inference import infer
from gradviz.loading.kind import DOCUMENT, kind_of
from tests.campaigns import share
from tests.gradviz.document.kills import editing, saving, working

if sys.platform != "win32":
    import fcntl


@pytest.fixture
def document() -> Document:
    made, new = read_expression(Document(), "loss = mean((w*x + b - y)**2)")
    made = edits.frame(made, "comment", "the line — ∂", new[:3])
    made = edits.toggle_no_grad(made, [new[4]])
    made, _ = edits.add(made, TENSOR, 5, 6, value=Value((2, 2), (float("nan"), float("inf"), -1.5, 1e-30), "float64"))
    return edits.add(made, TENSOR, 5, 6, value=Value((3,), (), source="randn", seed=7))[0]


def test_what_is_written_is_read_again_with_the_same_bytes(document: Document) -> None:
    text = write(document)
    opened = read(text.encode())
    assert opened.left_out == ()
    assert write(opened.document) == text


def test_one_edit_changes_one_line(document: Document) -> None:
    before = write(document).splitlines()
    after = write(edits.move(document, {next(iter(document.blocks)): (77.0, 78.0)})).splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_an_older_format_is_migrated() -> None:
    old = {
        "gradviz": 1,
        "blocks": [
            {"id": "b1", "op": "tensor", "name": "x", "x": 1, "y": 2, "value": {"shape": [], "dtype": "float32", "data": [2.0]}},
            {"id": "b2", "op": "torch.exp", "name": "e", "x": 3, "y": 4, "inputs": {"input": "b1"}},
        ],
    }
    opened = read(json.dumps(old).encode())
    assert opened.left_out == ()
    assert opened.document.wires == {("b2", "input"): Wire("b1")}
    assert (opened.document.blocks["b2"].x, opened.document.blocks["b2"].y) == (3, 4)


DAMAGED = {
    "empty": (b"", "empty"),
    "zeros": (b"\0" * 1000, "zeros"),
    "text": (b"hello", "line 1"),
    "binary": (b"{\xff\xfe", "byte 1"),
    "deep": (b'{"gradviz": 2, "blocks": ' + b"[" * 100_000, "nested more than"),
    "newer": (b'{"gradviz": 99}', "newer"),
    "older than any": (b'{"gradviz": 0}', "never"),
    "no document": (b'{"nodes": []}', "no gradviz document"),
    "NaN": (b'{"gradviz": NaN}', "NaN"),
    "list": (b"[1, 2]", "line 1"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_no_document_is_said_in_one_sentence_with_the_place(name: str) -> None:
    data, words = DAMAGED[name]
    with pytest.raises(DocumentProblem, match=words) as told:
        read(data)
    assert "\n" not in str(told.value)


def test_a_truncated_file_says_where_it_ends(document: Document) -> None:
    data = write(document).encode()
    for cut in range(1, len(data) - 2, 7):
        with pytest.raises(DocumentProblem, match=r"line|byte"):
            read(data[:cut])


def rows(**blocks: object) -> bytes:
    block = {"id": "b1", "op": "tensor", "name": "x", "at": [0, 0], "value": {"shape": [], "data": [1]}}
    exp = {"id": "b2", "op": "torch.exp", "name": "e", "at": [0, 0]}
    made: dict[str, object] = {"gradviz": 2, "blocks": [block, exp], "wires": [{"from": "b1", "to": "b2", "port": "input"}]}
    made.update(blocks)
    return json.dumps(made).encode()


def tensor(**value: object) -> dict[str, object]:
    return {"id": "b1", "op": "tensor", "name": "x", "at": [0, 0], "value": value}


PARTLY = {
    "two with one id": (rows(blocks=[tensor(shape=[], data=[1]), tensor(shape=[], data=[2])], wires=[]), 1, "there is a block b1 already"),
    "unknown op": (rows(blocks=[{"id": "b1", "op": "torch.nothing", "name": "n", "at": [0, 0]}], wires=[]), 1, "torch.nothing"),
    "dangling wire": (rows(wires=[{"from": "b9", "to": "b2", "port": "input"}]), 2, "no block b9"),
    "unknown port": (rows(wires=[{"from": "b1", "to": "b2", "port": "sideways"}]), 2, "sideways"),
    "cycle": (rows(wires=[{"from": "b2", "to": "b2", "port": "input"}]), 2, "circle"),
    "too large": (rows(blocks=[tensor(shape=[100_000, 100_000], source="zeros")], wires=[]), 0, "too large"),
    "wrong count": (rows(blocks=[tensor(shape=[3], data=[1, 2])], wires=[]), 0, "needs 3 numbers"),
    "huge number": (rows(blocks=[tensor(shape=[10**30], data=[])], wires=[]), 0, "whole numbers"),
    "no numbers": (rows(blocks=[tensor(shape=[1], data=["x"])], wires=[]), 0, "needs numbers"),
    "surrogate": (rows(blocks=[{**tensor(shape=[], data=[1]), "op": "\ud800"}], wires=[]), 0, "no text"),
    "beside one that is too large": (
        rows(blocks=[tensor(shape=[9**7], source="zeros"), {**tensor(shape=[], data=[1]), "id": "b2", "name": "y"}], wires=[]),
        1,
        "too large",
    ),
    "a number without end": (rows(blocks=[tensor(shape=[], data=[5])], wires=[]).replace(b"[5]", b"[1e999]"), 0, "too large"),
    "many digits": (rows(blocks=[tensor(shape=[], data=[5])], wires=[]).replace(b"[5]", b"[1" + b"0" * 5000 + b"]"), 0, "too large"),
    "a keyword": (rows(blocks=[{**tensor(shape=[], data=[1]), "name": "class"}], wires=[]), 1, "it became class2"),
    "out of reach": (rows(blocks=[{**tensor(shape=[], data=[1]), "at": [1e300, 0]}], wires=[]), 1, "put in the middle"),
    "no list": (rows(blocks={}, wires=[]), 0, "a list is needed"),
}


@pytest.mark.parametrize("name", PARTLY)
def test_what_can_be_read_is_read_and_the_rest_is_listed(name: str) -> None:
    data, blocks, words = PARTLY[name]
    opened = read(data)
    assert len(opened.document.blocks) == blocks
    assert any(words in line for line in opened.left_out), opened.left_out
    again = read(write(opened.document).encode())
    assert again.document == opened.document


def test_mutated_files_are_read_or_refused_and_never_crash(document: Document) -> None:
    data = write(document).encode()
    chance = random.Random(0)
    for _ in range(share(100_000)):
        bytes_ = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(bytes_))
            kind = chance.randrange(4)
            if kind == 0:
                bytes_[at] = chance.randrange(256)
            elif kind == 1:
                del bytes_[at : at + chance.randint(1, 30)]
            elif kind == 2:
                bytes_[at:at] = chance.choice([b"9" * 400, b"[[[[", b"null", b'"', b"-1e999", b"\\u0000", b"true"])
            else:
                bytes_[at:at] = bytes_[chance.randrange(len(bytes_)) :][: chance.randint(1, 60)]
        try:
            opened = read(bytes(bytes_))
        except DocumentProblem:
            continue
        text = write(opened.document)
        assert write(read(text.encode()).document) == text


# -- keeping -----------------------------------------------------------------------------------------------------


def test_a_saved_document_is_loaded_again_and_three_generations_are_kept(tmp_path: Path, document: Document) -> None:
    path, kept = tmp_path / "a.gradviz", tmp_path / "kept"
    for k in range(6):
        document = edits.move(document, {"b1": (float(k), 0.0)})
        save(document, str(path), kept)
    assert load(str(path)).document.blocks["b1"].x == 5.0
    found = generations_of(str(path), kept)
    assert [load(str(f)).document.blocks["b1"].x for f in found] == [4.0, 3.0, 2.0]
    assert len(found) == GENERATIONS


def test_what_keeps_no_earlier_versions_is_saved_all_the_same(tmp_path: Path, document: Document) -> None:
    path, kept = tmp_path / "a.gradviz", tmp_path / "kept"
    kept.write_text("a file, where the folder should be")
    assert save(document, str(path), kept) == ""  # there is none yet
    changed = edits.rename(document, "b1", "other")
    assert "earlier version could not be kept" in save(changed, str(path), kept)
    assert path.read_text() == write(changed)


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path, document: Document) -> None:
    real = tmp_path / "real.gradviz"
    save(document, str(real))
    real.chmod(0o640)
    link = tmp_path / "link.gradviz"
    link.symlink_to(real)
    save(edits.rename(document, "b1", "other"), str(link))
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert load(str(real)).document.blocks["b1"].name == "other"


LIMITED = """
import resource, signal, sys
from pathlib import Path
from gradviz.document.file.keeping import load, save
from gradviz.document.problem import DocumentProblem
from gradviz.document import edits
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path, most = Path(sys.argv[1]), resource.getrlimit(resource.RLIMIT_FSIZE)[1]
before, changed = path.read_bytes(), edits.rename(load(str(path)).document, "b1", "changed")
for size in sys.argv[2:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), most))
    try:
        save(changed, str(path))
        said = "saved"
    except DocumentProblem as problem:
        said = str(problem)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert path.read_bytes() == before and [f.name for f in path.parent.iterdir()] == ["a.gradviz"], size
    print(said)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes")
def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path, document: Document) -> None:
    path = tmp_path / "a.gradviz"
    save(document, str(path))
    size = path.stat().st_size
    sizes = (0, 1, size - 1, *np.linspace(2, size - 50, share(50)).astype(int).tolist())
    limited = [sys.executable, "-c", LIMITED, str(path), *map(str, sizes)]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=300, check=True)
    said = done.stdout.splitlines()
    assert len(said) == len(sizes) and all("was not saved" in one for one in said)


def test_a_folder_that_is_gone_is_told(tmp_path: Path, document: Document) -> None:
    with pytest.raises(DocumentProblem, match="was not saved"):
        save(document, str(tmp_path / "gone" / "a.gradviz"))


def test_loading_tells_missing_files_and_folders(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "no.gradviz", "no file"), (tmp_path, "folder")):
        with pytest.raises(DocumentProblem, match=words):
            load(str(path))
    huge = tmp_path / "huge.gradviz"
    with huge.open("wb") as out:
        out.truncate(1 << 30)
    tracemalloc.start()
    with pytest.raises(DocumentProblem, match="MB"):
        load(str(huge))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20  # it is refused before it is read
    tracemalloc.stop()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_and_a_device_are_no_documents_and_nothing_waits_for_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gradviz")
    (tmp_path / "zero.gradviz").symlink_to("/dev/zero")
    for name in ("pipe.gradviz", "zero.gradviz"):
        assert kind_of(tmp_path / name) == DOCUMENT
        with pytest.raises(DocumentProblem, match=f"{name} is no file"):
            load(str(tmp_path / name))


# -- the journal ----------------------------------------------------------------------------------------------------


def test_a_journal_gives_the_document_after_each_edit(tmp_path: Path, document: Document) -> None:
    journal = Journal(tmp_path, "/somewhere/a.gradviz", document)
    states = [document]
    changes: tuple[Callable[[Document], Document], ...] = (
        lambda d: edits.move(d, {"b1": (9.0, 9.0)}),
        lambda d: edits.remove(d, ["b3"]),
        lambda d: edits.add(d, "torch.exp", 0, 0)[0],
        lambda d: replace(d, training=replace(d.training, epochs=7)),
        lambda d: edits.frame(d, "comment", "hi", ["b1"]),
        lambda d: edits.disconnect(d, list(d.wires)[:2]),
    )
    for k, change in enumerate(changes):
        states.append(change(states[-1]))
        journal.write(states[-1], f"edit {k}")
        found = recover(journal.file)
        assert write(found.document) == write(states[-1])
        assert (found.edits, found.label, found.path) == (k + 1, f"edit {k}", "/somewhere/a.gradviz")
    with journal.file.open("ab") as out:
        out.write(b"0000")  # torn by a crash
    assert write(recover(journal.file).document) == write(states[-1])
    assert abandoned(tmp_path) == []  # it is ours
    journal.leave()
    assert abandoned(tmp_path) == [journal.file]


def test_a_journal_with_a_million_letters_of_another_alphabet_gives_them_back(tmp_path: Path, document: Document) -> None:
    noted = replace(document, blocks={b: replace(block, told="权" * 9_000) for b, block in document.blocks.items()})
    more = {f"b{k}": replace(noted.blocks["b1"], id=f"b{k}", name=f"w{k}") for k in range(100, 220)}
    journal = Journal(tmp_path, "", document)
    journal.write(replace(noted, blocks={**noted.blocks, **more}), "note")
    assert recover(journal.file).document.blocks["b219"].told == "权" * 9_000
    journal.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_session_loses_the_last_edit_at_most(tmp_path: Path) -> None:
    chance = random.Random(1)
    for round_ in range(share(200)):
        folder, wanted = tmp_path / str(round_), chance.randint(1, 400)
        with working(editing, str(folder)) as told:
            while told(False) < wanted:
                pass
            last = told(True)
        (journal,) = abandoned(folder)
        found = recover(journal)
        assert found.label in (f"edit {last}", f"edit {last + 1}")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_save_that_is_killed_leaves_a_whole_file(tmp_path: Path, document: Document) -> None:
    path = tmp_path / "a.gradviz"
    for k in range(200):
        document, _ = edits.add(document, "torch.exp", k, k)
    save(document, str(path))
    chance = random.Random(2)
    for _ in range(share(500)):
        wanted = chance.randint(0, 9)
        with working(saving, str(path)) as told:
            while told(False) < wanted:
                pass
            time.sleep(chance.random() * 0.003)  # somewhere within the next save
            last = told(True)
        found = load(str(path))
        assert found.left_out == ()
        assert found.document.blocks["b1"].x in (last, last + 1)
        assert len(list(tmp_path.iterdir())) <= 2  # at most one stray file, which the next save takes over
    save(document, str(path))
    assert [f.name for f in tmp_path.iterdir()] == ["a.gradviz"]


def test_a_graph_is_a_program_on_the_command_line(tmp_path: Path, document: Document) -> None:
    path, out = tmp_path / "a.gradviz", tmp_path / "a.gvrec"
    save(document, str(path))
    subprocess.run([sys.executable, "-m", "gradviz", "record", str(path), "-o", str(out)], capture_output=True, timeout=60, check=True)
    assert out.stat().st_size > 1000
    path.write_text('{"gradviz": 77}')
    done = subprocess.run(
        [sys.executable, "-m", "gradviz", "record", str(path), "-o", str(out)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "newer gradviz" in done.stderr and "Traceback" not in done.stderr


HEAD = '{"gradviz": 2, "next": 9, "blocks": [{"id": "b1", "op": "tensor", "name": "w", "at": [0, 0], "value": {"shape": [], "data": [0.5]}}'


@pytest.mark.parametrize(
    ("blocks", "wires", "told"),
    [
        ('{"id":"b2","op":"torch.cat","name":"c","at":[0,0]}', '{"from":"b1","to":"b2","port":"tensors.999999999"}', "no input"),
        ('{"id":"b2","op":"torch.exp","name":"w","at":[0,0]}', "", "the name w is taken; it became w2"),
        ('{"id":"b2","op":"torch.exp","name":"class","at":[0,0]}', "", "the name class has a meaning of its own"),
    ],
)
def test_ports_that_would_fill_the_memory_and_names_that_stand_twice(blocks: str, wires: str, told: str) -> None:
    opened = read(f'{HEAD}, {blocks}], "wires": [{wires}], "frames": []}}'.encode())
    assert any(told in line for line in opened.left_out)
    assert len(opened.document.blocks) == 2
    assert len({b.name for b in opened.document.blocks.values()}) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit the memory of a moment")
@pytest.mark.parametrize(
    ("op", "params"),
    [
        ("torch.tile", {"dims": (100_000, 1_000_000)}),
        ("Tensor.repeat", {"repeats": (100_000, 1_000_000)}),
        ("nn.Linear", {"in_features": 100_000, "out_features": 1_000_000}),
        ("nn.LSTM", {"input_size": 1, "hidden_size": 1, "num_layers": 10**9}),
        ("nn.Conv2d", {"in_channels": 10_000, "out_channels": 10_000, "kernel_size": 100}),
    ],
)
def test_a_node_that_asks_for_more_memory_than_there_should_be_is_told_at_once(op: str, params: dict[str, Any]) -> None:
    import resource

    document, source = edits.add(Document(), TENSOR, 0, 0)
    document, block = edits.add(document, op, 0, 0, params=params)
    document = edits.connect(document, source, block, "input")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits = resource.getrlimit(resource.RLIMIT_AS)
    known, ran = infer(document), evaluate(document)
    assert known[block].problem or ran.problems[block]
    assert ran.problems[block]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_500_000  # kilobytes
    assert resource.getrlimit(resource.RLIMIT_AS) == limits


@pytest.mark.skipif(sys.platform == "win32", reason="there is no flock")
def test_two_that_save_one_file_at_once_go_one_after_the_other(tmp_path: Path, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    path, beside = tmp_path / "a.gradviz", tmp_path / ".a.gradviz.saving"
    both = [document, edits.rename(document, "b1", "a_name_that_makes_it_longer")]
    files = [write(one).encode() for one in both]
    save(document, str(path))
    seen, failed = set[bytes](), list[str]()

    def saving(one: Document) -> None:
        for _ in range(30):
            try:
                save(one, str(path))
            except DocumentProblem as problem:
                failed.append(str(problem))
            seen.add(path.read_bytes())

    threads = [Thread(target=saving, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and seen == set(files)
    monkeypatch.setattr(keeping, "PATIENCE", 0.0)
    with beside.open("wb") as other:  # one that never comes to an end
        fcntl.flock(other, fcntl.LOCK_EX)
        before = path.read_bytes()
        with pytest.raises(DocumentProblem, match="another gradviz is just saving it"):
            save(both[before == files[0]], str(path))
        assert path.read_bytes() == before and beside.exists()
    save(both[before == files[0]], str(path))
    assert path.read_bytes() in files and path.read_bytes() != before and not beside.exists()
