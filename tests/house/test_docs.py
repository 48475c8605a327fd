"""Every file and folder that the documents name is there: a renamed one is to be renamed in them, too."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
ENDINGS = {".py", ".sh", ".md", ".toml", ".json", ".jsonl"}
FOLDERS = (".ci", "benchmarks", "docs", "engine", "gradviz", "tests", "tools", "ui")
INVENTED = {"doubling.py", "doubling.toml", "my_lesson.toml", "engine.py"}  # of the reader's own, in examples
ROW = re.compile(r"^\| (engine|debugger|ui)/[^|]*\||`ui/(open|wire|stop|gap)`")  # of the table of measurements


@cache
def paths() -> frozenset[str]:
    """The files and folders of the project."""
    files = [
        file.relative_to(ROOT)
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    files += [file.relative_to(ROOT) for file in ROOT.iterdir() if file.is_file()]
    return frozenset(path.as_posix() for file in files for path in (file, *file.parents))


def sections(text: str) -> list[tuple[str, str]]:
    """Each line with the package that the heading above it is about, "" for none."""
    package, found = "", []
    for line in text.splitlines():
        if line.startswith("## "):
            package = next((name for name in ("engine", "gradviz", "ui") if re.match(rf"## {name}\b", line)), "")
        found.append((package, line))
    return found


def exists(name: str, package: str) -> bool:
    """Whether a path is there as it stands, or behind a folder of the package (of any, outside the sections about one)."""
    if "*" in name:
        return any(ROOT.glob(name))
    return name in paths() or any(path.endswith(f"/{name}") and path.startswith(package) for path in paths())


def named(line: str) -> list[str]:
    """What stands between backquotes and is a path, and the bare paths in prose."""
    line = ROW.sub("", line)
    quoted = [name for name in re.findall(r"`([^`\s]+)`", line) if "/" in name or PurePosixPath(name).suffix in ENDINGS]
    bare = re.findall(rf"(?<![\w/`.])((?:{'|'.join(map(re.escape, FOLDERS))})/[\w./*-]*\w)", line)
    return [name.removeprefix("./").rstrip("/") for name in (*quoted, *bare) if PurePosixPath(name).stem]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_what_it_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = {name for package, line in sections(text) for name in named(line) if not exists(name, package) and name not in INVENTED}
    links = {link for link in re.findall(r"\]\(([^)#:]+)\)", text) if not (document.parent / link).exists()}
    assert (missing, links) == (set(), set())


def test_a_path_that_is_not_there_is_found() -> None:
    assert named("`gone/away.py` and docs/gone.md, not `x.grad` or `a/b c`") == ["gone/away.py", "docs/gone.md"]
    assert exists("recording/recording.py", "gradviz")
    assert not exists("recording/recording.py", "engine")
    assert not exists("gone/away.py", "")
