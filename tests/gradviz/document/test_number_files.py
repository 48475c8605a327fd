"""Files of numbers as spreadsheets, numpy and other programs write them, also broken ones."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradviz.document.model import Value
from gradviz.document.number_files import load
from gradviz.document.problem import DocumentProblem

TABLE = "höhe,gewicht\n1.5,60\n1.8,80\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_in_what_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "A.CSV").write_text(TABLE, encoding=encoding)
    (loaded,) = load(str(tmp_path / "A.CSV"))
    assert (loaded.value.shape, loaded.value.data) == ((2, 2), (1.5, 60, 1.8, 80))
    assert loaded.told("x").startswith("x holds höhe, gewicht.")


def test_what_numpy_writes_as_text_is_read_again(tmp_path: Path) -> None:
    numbers = np.array([[1, -2.5, 3e-3], [4, np.inf, 6]])
    np.savetxt(tmp_path / "a.txt", numbers, header="three columns", footer="end")
    (loaded,) = load(str(tmp_path / "a.txt"))
    assert loaded.value.shape == (2, 3) and loaded.value.data == tuple(numbers.reshape(-1))


@pytest.mark.parametrize(
    ("array", "dtype", "told"),
    [
        (np.array([[1.0, 2.0], [3.0, 4.0]]), "float32", "The file holds float64; x has it as float32"),
        (np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)), "float32", ""),
        (np.array([0, 2, 1]), "int64", ""),
        (np.array([255, 1], np.uint8), "int64", "The file holds uint8; x has it as int64"),
        (np.array([True, False]), "bool", ""),
        (np.array([1.5, 2.5], ">f8"), "float32", "The file holds float64"),
        (np.array(3.5, np.float32), "float32", ""),
        (np.zeros((0, 3), np.float32), "float32", ""),
    ],
)
def test_an_array_is_a_tensor_of_its_numbers(tmp_path: Path, array: Any, dtype: str, told: str) -> None:
    np.save(tmp_path / "a.NPY.npy", array)
    (loaded,) = load(str(tmp_path / "a.NPY.npy"))
    assert loaded.value.shape == array.shape and loaded.value.dtype == dtype
    assert list(loaded.value.data) == array.reshape(-1).tolist()
    assert loaded.told("x").startswith(told) and bool(loaded.told("x")) == bool(told)
    (given,) = load(str(tmp_path / "a.NPY.npy"), Value(dtype="float64", low=-1.0))
    assert (given.value.dtype, given.value.low) == ("float64", -1.0)  # the tensor's own


def test_all_arrays_of_an_archive_are_there(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones((2, 2)), y=np.arange(2))
    np.savez_compressed(tmp_path / "b.npz", x=np.ones((2, 2)), y=np.arange(2))
    for name in ("a.npz", "b.npz"):
        assert [(one.name, one.value.shape, one.value.dtype) for one in load(str(tmp_path / name))] == [
            ("x", (2, 2), "float32"),
            ("y", (2,), "int64"),
        ]


def _saved(array: Any) -> bytes:
    import io

    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def _lying(shape: str) -> bytes:
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head


BAD = {
    "empty.csv": (b"", "it holds no numbers"),
    "words.csv": (b"a,b\nc,d\n", "it holds no numbers"),
    "ragged.csv": (b"1,2\n3\n", "the rows have different lengths"),
    "bytes.csv": (bytes(range(256)), "it holds no text"),
    "half.csv": (b"\xff\xfe\x00", "it holds no text"),
    "many.csv": (b"1,2\n" * 500_001, "1,000,002 numbers are too many"),
    "head.npy": (b"\x93NUMPY", "its beginning is broken"),
    "none.npy": (b"", "it is no file of np.save"),
    "zip.npy": (b"PK\x03\x04abc", "it is no file of np.save"),
    "half.npy": (_saved(np.arange(100.0))[:300], "it ends after 21 of 100 numbers"),
    "lie.npy": (_lying("(1000000000000,)"), "1,000,000,000,000 numbers are too many"),
    "less.npy": (_lying("(-1, 5)"), "its beginning is broken"),
    "complex.npy": (_saved(np.array([1j])), "it holds complex numbers"),
    "words.npy": (_saved(np.array(["a"])), "it holds text"),
    "objects.npy": (_saved(np.array([{}], object)), "it holds Python objects"),
    "exact.npy": (_saved(np.array([2**60 + 1])), "whole numbers above 9,007,199,254,740,992"),
    "dims.npy": (_saved(np.zeros((1,) * 9)), "at most 8 dimensions"),
    "no.npz": (b"PK\x03\x04abc", "it is no whole file of np.savez"),
    "book.xlsx": (b"PK\x03\x04abc", "Save its sheet as CSV"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_file_of_numbers_is_refused_in_words_with_its_name(tmp_path: Path, name: str) -> None:
    data, words = BAD[name]
    (tmp_path / name).write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DocumentProblem) as caught:
        load(str(tmp_path / name))
    assert str(caught.value).startswith(f"{name}: ") and words in str(caught.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB


def test_what_is_no_file_at_all_is_told_and_nothing_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    names = {"folder.csv": "that is a folder", "gone.csv": "No such file"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        names["pipe.csv"] = "that is no file"
    for name, words in names.items():
        with pytest.raises(DocumentProblem, match=words):
            load(str(tmp_path / name))


def test_an_archive_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "zeros.npz", a=np.zeros(20_000_000, np.float32))
    assert (tmp_path / "zeros.npz").stat().st_size < 1 << 20
    with pytest.raises(DocumentProblem, match=r"larger than 64 MB"):
        load(str(tmp_path / "zeros.npz"))
