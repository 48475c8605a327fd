"""The .gvrec file: equal after a round trip, readable after a kill, and a sentence for everything that is none."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradviz.recording.file.chunk import decode, encode, partial
from gradviz.recording.file.export import chunks_of
from gradviz.recording.file.gvrec import RecordingFile, load, save
from gradviz.recording.problem import RecordingProblem
from gradviz.recording.recording import CHUNK_COLUMNS, Recording
from gradviz.recording.statistics import NAMES
from gradviz.recording.summary import info

SOURCE = """
w = torch.ones(3, requires_grad=True)
rec.loop_enter(1, 3)
for epoch in range(3):
    rec.loop_iteration(1)
    (w * 3 / (epoch - 1)).sum().backward()
rec.loop_exit(1)
whole = torch.tensor([1, 2])
"""
ROOT = Path(__file__).parents[4]


def same(one: Recording, other: Recording) -> bool:
    assert list(one) == list(other)
    assert one.sites == other.sites
    assert one.meta == other.meta
    assert list(one.tensor_site) == list(other.tensor_site)
    assert one.value_count == other.value_count
    for value in range(one.value_count):
        left, right = one.array(value), other.array(value)
        assert one.stats(value) == other.stats(value)
        assert (left is None) == (right is None)
        assert left is None or (left.dtype == right.dtype and np.array_equal(left, right, equal_nan=left.dtype.kind == "f"))
    return True


def test_a_saved_recording_comes_back_equal(record: Any, tmp_path: Path) -> None:
    recording = record(SOURCE)
    save(recording, tmp_path / "run.gvrec")
    assert same(load(tmp_path / "run.gvrec"), recording)
    assert [p.name for p in tmp_path.iterdir()] == ["run.gvrec"]  # no journal, no part left


def test_numbers_that_were_not_kept_come_back_as_statistics(record: Any, tmp_path: Path) -> None:
    whole = record(SOURCE)
    save(whole, tmp_path / "run.gvrec")
    small = load(tmp_path / "run.gvrec", budget=0)
    assert small.value_bytes == 0
    save(small, tmp_path / "small.gvrec")
    again = load(tmp_path / "small.gvrec")
    assert same(again, small)
    assert all(again.array(v) is None and again.stats(v) == whole.stats(v) for v in range(whole.value_count))


def test_info_says_what_is_in_it(record: Any) -> None:
    told = info(record(SOURCE))
    assert (told["epochs"], told["passes"], told["leaves"]) == (3, 3, 2)
    assert told["kinds"]["accumulate"] == 3
    assert told["events"] == sum(told["kinds"].values())
    assert json.loads(json.dumps(told)) == told


def test_a_killed_writer_leaves_all_committed_chunks(record: Any, tmp_path: Path) -> None:
    save(record(SOURCE), tmp_path / "whole.gvrec")
    writer = f"""
from gradviz.recording.file.chunk import encode, partial
from gradviz.recording.file.export import chunks_of
from gradviz.recording.file.gvrec import RecordingFile, load
recording = load({str(tmp_path / "whole.gvrec")!r})
file = RecordingFile({str(tmp_path / "killed.gvrec")!r})
for chunk in chunks_of(recording):
    file.append(chunk)
print("committed", flush=True)
while True:  # goes on committing until it is killed
    file.append(encode(partial(len(recording), recording.value_count)))
    print("more", flush=True)
"""
    for lines in (1, 3, 9):
        child = subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE, cwd=ROOT, text=True)
        assert child.stdout is not None
        for _ in range(lines):
            assert child.stdout.readline().strip() in ("committed", "more")
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert list(load(tmp_path / "killed.gvrec")) == list(load(tmp_path / "whole.gvrec"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS pointer"),
        (b"PK\x03\x04 and so on", "a zip archive"),
        (b'{"format": 1}', "a JSON file"),
        (b"import torch\n", "text"),
        (bytes(range(256)), "another kind of file"),
    ],
)
def test_another_file_is_named_for_what_it_is(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.gvrec"
    path.write_bytes(content)
    with pytest.raises(RecordingProblem, match=words):
        load(path)


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingProblem, match="does not exist"):
        load(tmp_path / "none.gvrec")
    with pytest.raises(RecordingProblem, match=r"not a file|directory"):
        load(tmp_path)
    with pytest.raises(RecordingProblem, match="cannot be written"):
        save(Recording(), tmp_path / "no folder" / "run.gvrec")


def test_a_database_of_another_program_and_one_that_computes(tmp_path: Path) -> None:
    path = tmp_path / "other.gvrec"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE songs (name TEXT)")
    database.close()
    with pytest.raises(RecordingProblem, match="another program"):
        load(path)
    path.unlink()
    RecordingFile(path).close()
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE chunks")
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS number, i AS data FROM n"
        database.execute(f"CREATE VIEW chunks AS {endless}")
    database.close()
    with pytest.raises(RecordingProblem, match="another program"):
        load(path)


def test_a_file_whose_writer_was_killed_before_its_first_table_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "begun.gvrec"
    code = """
import os, signal, sqlite3, sys
from gradviz.recording.file import gvrec as file
made = []
real = sqlite3.connect
def connect(*args, **kwargs):
    made.append(real(*args, **kwargs))
    made[0].set_authorizer(lambda what, *_: os.kill(os.getpid(), signal.SIGKILL) if what == sqlite3.SQLITE_INSERT and "header" in _ else 0)
    return made[0]
file.sqlite3.connect = connect
file.RecordingFile(sys.argv[1])
"""
    ended = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.exists()
    with pytest.raises(RecordingProblem, match=r"begun\.gvrec holds nothing: what recorded it was ended before its first event"):
        load(path)


def test_a_newer_format_says_so(tmp_path: Path) -> None:
    path = tmp_path / "new.gvrec"
    RecordingFile(path, {"format": 7}).close()
    with pytest.raises(RecordingProblem, match="newer gradviz"):
        load(path)


def test_a_truncated_file_gives_a_problem_or_what_was_whole(record: Any, tmp_path: Path) -> None:
    path, cut = tmp_path / "run.gvrec", tmp_path / "cut.gvrec"
    recording = record(SOURCE)
    save(recording, path)
    content = path.read_bytes()
    for size in range(0, len(content), 512):
        cut.write_bytes(content[:size])
        try:
            loaded = load(cut)
        except RecordingProblem:
            continue
        assert same(loaded, recording)  # only padding was cut off


def test_no_damage_gives_anything_but_a_sentence(record: Any, tmp_path: Path) -> None:
    path, bad = tmp_path / "run.gvrec", tmp_path / "bad.gvrec"
    save(record(SOURCE), path)
    content = path.read_bytes()
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        damaged = bytearray(content)
        for at in random.integers(16, len(content), random.integers(1, 30)).tolist():
            damaged[at] = int(random.integers(0, 256))
        bad.write_bytes(damaged)
        try:
            loaded = load(bad)
            for event in loaded:  # what loads can be looked at
                for ref in (*event.reads, *event.writes):
                    if ref.value >= 0:
                        loaded.stats(ref.value)
                        loaded.array(ref.value)
        except RecordingProblem:
            refused += 1
    assert refused > 100


def test_a_chunk_that_claims_terabytes_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "huge.gvrec"
    head = {
        "first": 0, "first_value": 0, "values": 1 << 40, "data": 1 << 40, "layout": [["kind", "u1", 0, 1 << 45]],
    }  # fmt: skip
    text = json.dumps(head).encode()
    prefix = b"GVC1" + b"".join(n.to_bytes(k, "little") for n, k in ((zlib.crc32(text), 4), (len(text), 4), (0, 8)))
    with RecordingFile(path) as file:
        file.append(prefix + text)
    with pytest.raises(RecordingProblem, match="other columns"):
        load(path)
    with RecordingFile(path) as file:
        file.append(prefix[:8] + (1 << 27).to_bytes(4, "little") + (1 << 60).to_bytes(8, "little"))
    with pytest.raises(RecordingProblem, match="cut off"):
        load(path)


def test_columns_are_checked_one_by_one(record: Any) -> None:
    data = record(SOURCE)
    whole = list(decode(b"".join(chunks_of(data)), CHUNK_COLUMNS, len(NAMES)))
    for name in ("kind", "site", "template", "value", "reads", "extras_count", "form", "tensor_site", "sub"):
        for wrong in (-7, 1 << 40):
            pieces = []
            for chunk in whole:
                columns = {k: np.where(chunk.columns[k] >= 0, wrong, 0) if k == name else v for k, v in chunk.columns.items()}
                pieces.append(encode(replace(chunk, columns=columns)))
            recording = Recording()
            with pytest.raises(RecordingProblem, match="damaged"):
                recording.append_chunk(b"".join(pieces))


ONE, NO_OTHER = np.zeros(1, np.int64), np.full(1, -1)


@pytest.mark.parametrize(
    ("tables", "columns", "words"),
    [
        ({}, {"reads": np.zeros(2, np.int64), "writes": np.zeros(3, np.int64)}, "different lengths"),
        ({}, {"owner": ONE, "sub": ONE, "version": ONE, "value": ONE}, "points outside|different lengths"),
        ({"forms": [["<f4", [0, 1 << 47, 1 << 47]]]}, {"form": ONE, "same": NO_OTHER}, "impossible type or shape"),
        ({"forms": [["<f4", [-1]]]}, {"form": ONE, "same": NO_OTHER}, "impossible type or shape"),
    ],
)
def test_a_chunk_that_is_whole_and_says_what_cannot_be_is_refused(tables: dict[str, Any], columns: dict[str, Any], words: str) -> None:
    stats = np.zeros((len(columns.get("form", ())), len(NAMES)))
    with pytest.raises(RecordingProblem, match=words):
        Recording().append_chunk(encode(partial(0, 0, tables, columns, stats)))


def test_the_old_file_stays_when_writing_fails(record: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.gvrec"
    save(record(SOURCE), path)
    before = path.read_bytes()

    def full(_file: RecordingFile, _data: bytes) -> None:
        raise RecordingProblem("run.gvrec cannot be written: no space left.")

    monkeypatch.setattr(RecordingFile, "append", full)
    with pytest.raises(RecordingProblem, match="no space"):
        save(Recording(), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.gvrec"]
