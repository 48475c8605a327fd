"""Reading a script: what is no script says what it is."""

from __future__ import annotations

import tokenize
from pathlib import Path

from ..problem import Problem
from .kind import DOCUMENT, kind_of

LARGEST = 4 << 20


class ScriptProblem(Problem):
    """Why a file cannot be opened as a script."""


def load_script(path: str) -> str:
    """The text of a Python script; running nothing.

    Raises:
        ScriptProblem: missing, a folder, too large, empty, binary, or something else than Python; a graph without anything to run.
    """
    file = Path(path)
    if kind_of(path) == DOCUMENT:
        return _code_of_graph(path)
    if file.is_dir():
        raise ScriptProblem(f"{file.name} is a folder, not a script")
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise ScriptProblem(f"{file.name} has {size / 1e6:,.0f} MB; a script may have {LARGEST >> 20} MB")
        with file.open("rb") as begun:
            head = begun.read(4096)
    except FileNotFoundError:
        raise ScriptProblem(f"there is no file {path}") from None
    except OSError as e:
        raise ScriptProblem(f"{file.name} cannot be read: {e.strerror}") from None
    if not head.strip():
        raise ScriptProblem(f"{file.name} is empty")
    what = _what_else(head)
    if what:
        raise ScriptProblem(f"{file.name} is {what}, not a Python script")
    try:
        with tokenize.open(path) as opened:
            text = opened.read()
    except (SyntaxError, UnicodeDecodeError):
        raise ScriptProblem(f"{file.name} is no text that Python can read (its encoding is unknown or wrong)") from None
    if "\0" in text:
        raise ScriptProblem(f"{file.name} is a binary file, not a Python script")
    return text


def _code_of_graph(path: str) -> str:
    """The program that a graph stands for."""
    from ..document.file.keeping import load
    from ..document.problem import DocumentProblem
    from ..document.run.evaluate import evaluate
    from ..document.script.code import to_code

    try:
        opened = load(path)
    except DocumentProblem as problem:
        raise ScriptProblem(str(problem)) from None
    code = to_code(opened.document, evaluate(opened.document).loss)
    if not code.lines:
        raise ScriptProblem("; ".join([f"{Path(path).name} has no node that can run", *opened.left_out[:1]]))
    return code.text


def _what_else(head: bytes) -> str:
    """What a file is by its first bytes, "" where it may be a script."""
    known = {
        b"SQLite format 3\0": "a recording or another database", b"\x89PNG": "a picture", b"PK\x03\x04": "a zip archive", b"%PDF": "a PDF document",
        b"\x7fELF": "a program", b"version https://git-lfs": "a Git LFS pointer", b"\x1f\x8b": "a compressed file", b"GIF8": "a picture",
    }  # fmt: skip
    for start, words in known.items():
        if head.startswith(start):
            return words
    if head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if head.lstrip().startswith(b"{") and b'"' in head[:200]:  # a script does not begin with a dict
        notebook = b'"cells"' in head or b'"nbformat' in head
        return "a notebook (its File menu exports it as an executable script)" if notebook else "a JSON file"
    return "a binary file" if b"\0" in head else ""
