"""Files of numbers: .csv and other tables, .npy, .npz. Checked before memory is taken, and never pickle: nothing in a file is run."""

from __future__ import annotations

import math
import zipfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from . import pictures
from .model import LARGEST, Value
from .problem import DocumentProblem
from .tables import Table, read_table
from .values import checked, of_table

SUFFIXES = (".csv", ".tsv", ".txt", ".npy", ".npz")
WORKBOOKS = (".xlsx", ".xls", ".ods", ".numbers")
_MOST_BYTES = 64 << 20
_EXACT = 2**53  # whole numbers up to here are themselves as floats
_HEADS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_KINDS = {"O": "Python objects", "U": "text", "S": "text", "c": "complex numbers", "M": "dates", "m": "times", "V": "records"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The numbers of a file, or of one of the arrays in it.

    Attributes:
        name: what the tensor may be called.
        table: what they were, where they were a table.
        dtype: what they were, where they were an array.
        pictured: whether they were a picture.
    """

    name: str
    value: Value
    table: Table | None = None
    dtype: str = ""
    pictured: bool = False

    def told(self, name: str) -> str:
        """What there is to tell of the tensor with that name; "" for nothing."""
        if self.table is not None:
            return self.table.told(name)
        if self.pictured:
            return pictures.told(self.value, name)
        other = self.dtype not in (self.value.dtype, "")
        return f"The file holds {self.dtype}; {name} has it as {self.value.dtype}, which can be changed at the node." if other else ""


def load(path: str, before: Value | None = None) -> list[Loaded]:
    """The numbers of a file, for one tensor or (.npz) for several.

    Args:
        before: of the tensor that they are for: dtype and slider stay.

    Raises:
        DocumentProblem: it cannot be read as numbers.
    """
    file = Path(path)
    try:
        return _loaded(file, before)
    except OSError as problem:
        raise DocumentProblem(f"{file.name} cannot be read: {problem.strerror or problem}") from None
    except DocumentProblem as problem:
        raise DocumentProblem(f"{file.name}: {problem}") from None


def _loaded(file: Path, before: Value | None) -> list[Loaded]:
    suffix = file.suffix.lower()
    if suffix in WORKBOOKS:
        raise DocumentProblem("that is a workbook. Save its sheet as CSV, or copy the cells and paste them here")
    if file.exists() and not file.is_file():
        raise DocumentProblem("that is no file" if not file.is_dir() else "that is a folder")
    if file.stat().st_size > _MOST_BYTES:
        raise DocumentProblem(f"it is larger than {_MOST_BYTES >> 20} MB")
    if suffix == ".npz":
        return _archive(file, before)
    if suffix == ".npy":
        with file.open("rb") as stream:
            return [_array(file.stem, stream, before)]
    table = read_table(_with_tabs(_text(file.read_bytes())))
    return [Loaded(file.stem, of_table(table, before or Value()), table)]


def _text(data: bytes) -> str:
    """What is written in a file: UTF-8, or what spreadsheets write on Windows (UTF-16, Windows-1252)."""
    with suppress(UnicodeDecodeError):
        return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    with suppress(UnicodeDecodeError):
        if b"\0" not in data:
            return data.decode("cp1252")
    raise DocumentProblem("it holds no text, and so no table of numbers")


def _with_tabs(text: str) -> str:
    """A table as np.savetxt writes it, blanks between numbers and remarks behind `#`, as others are."""
    lines = [line.partition("#")[0].split() if "#" in line else line.split() for line in text.splitlines()]
    if not any(len(cells) > 1 for cells in lines) and "#" not in text:
        return text
    try:
        for cells in lines:
            for cell in cells:
                float(cell)
    except ValueError:
        return text
    return "\n".join("\t".join(cells) for cells in lines)


def _archive(file: Path, before: Value | None) -> list[Loaded]:
    """Each array that np.savez wrote."""
    try:
        with zipfile.ZipFile(file) as opened:
            members = [m for m in opened.infolist() if m.filename.endswith(".npy")]
            if sum(m.file_size for m in members) > _MOST_BYTES:
                raise DocumentProblem(f"its arrays are larger than {_MOST_BYTES >> 20} MB")
            made = []
            for member in members:
                with opened.open(member) as stream:
                    made.append(_array(member.filename.removesuffix(".npy"), stream, before))
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ):  # broken, or with a password
        raise DocumentProblem("it is no whole file of np.savez") from None
    if not made:
        raise DocumentProblem("there are no arrays in it")
    return made


def _array(name: str, stream: IO[bytes], before: Value | None) -> Loaded:
    """An array that np.save wrote."""
    try:
        shape, by_columns, dtype = _HEADS[np.lib.format.read_magic(stream)](stream)
        if min(shape, default=0) < 0:
            raise ValueError(shape)
    except (KeyError, ValueError, EOFError):
        raise DocumentProblem("it is no file of np.save, or its beginning is broken") from None
    if dtype.kind not in "fiub":
        raise DocumentProblem(f"it holds {_KINDS.get(dtype.kind, str(dtype))}; only real numbers can stand in a tensor here")
    count = math.prod(shape)
    if count > LARGEST:
        raise DocumentProblem(f"{count:,} numbers are too many; {LARGEST:,} are possible")
    data = stream.read(count * dtype.itemsize)
    if len(data) < count * dtype.itemsize:
        raise DocumentProblem(f"it ends after {len(data) // dtype.itemsize:,} of {count:,} numbers")
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if by_columns else "C")
    if dtype.kind in "iu" and any(abs(int(n)) > _EXACT for n in (array.min(initial=0), array.max(initial=0))):
        raise DocumentProblem(f"it holds whole numbers above {_EXACT:,}; those are not kept exactly here")
    kept = before or Value(dtype={"i": "int64", "u": "int64", "b": "bool"}.get(dtype.kind, "float32"))
    numbers = tuple(map(float, array.reshape(-1).tolist()))
    return Loaded(name, checked(replace(kept, shape=tuple(shape), data=numbers, source="data")), dtype=dtype.name)
