"""What cannot work is refused in one clear line on stderr, with exit code 2, and nothing that stood there is lost."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal

READERS = {
    "record": "record {} -o out.gvrec",
    "info": "info {}",
    "render": "render {} -o out.svg",
    "export": "export {} -o out.dot",
    "check": "check {}",
    "lint": "lint {}",
    "explain": "explain {}",
    "screenshot": "screenshot out.png --open {}",
}
FILES = ("missing", "folder", "empty", "binary", "text", "cut")
THOROUGH = ("record", "info")  # the others read files by the same functions: six of the files are enough for them
FEW = (("missing", "py"), ("folder", "gradviz"), ("empty", "gvrec"), ("binary", "py"), ("text", "gradviz"), ("cut", "gvrec"))


@pytest.fixture
def files(terminal: Terminal) -> dict[tuple[str, str], str]:
    """Names of files that are not what their endings say."""
    whole = (terminal.folder / "lesson.gvrec").read_bytes()
    made = {}
    for ending in ("py", "gvrec", "gradviz"):
        for kind in FILES:
            path = terminal.folder / f"{kind}.{ending}"
            made[kind, ending] = path.name
            if kind == "folder":
                path.mkdir()
            elif kind != "missing":
                noise = bytes(range(256)) * 4
                path.write_bytes({"empty": b"", "binary": noise, "text": b"these are = no (words\n", "cut": whole[: len(whole) // 2]}[kind])
    return made


@pytest.mark.parametrize("command", READERS)
def test_a_file_of_another_kind_is_refused_by_name(terminal: Terminal, files: dict[tuple[str, str], str], command: str) -> None:
    for (kind, ending), name in files.items():
        if command not in THOROUGH and (kind, ending) not in FEW:
            continue
        said = terminal.types(READERS[command].format(name)).complaint
        assert said.startswith("gradviz: ")
        assert name in said
    assert not [p for p in terminal.folder.iterdir() if "out." in p.name]


def test_run_refuses_what_python_would_not_find(terminal: Terminal, files: dict[tuple[str, str], str]) -> None:
    for kind in ("missing", "folder"):
        for ending in ("py", "gvrec", "gradviz"):
            assert files[kind, ending] in terminal.types(f"run {files[kind, ending]}").complaint
    assert terminal.types(f"run {files['text', 'py']}").code == 1  # Python's own words


def test_what_a_damaged_graph_lacks_is_named(terminal: Terminal) -> None:
    written = json.loads((terminal.folder / "graph.gradviz").read_text())
    written["blocks"].append({"id": 99})
    terminal.writes("damaged.gradviz", json.dumps(written))
    done = terminal.types("render damaged.gradviz -o damaged.svg")
    assert done.code == 0
    assert "damaged.gradviz, not all of it as it stands there: blocks[9]" in done.err
    terminal.writes("hollow.gradviz", json.dumps({"gradviz": 2, "blocks": [{"id": 1}]}))
    for command in ("render hollow.gradviz -o x.svg", "record hollow.gradviz -o x.gvrec", "run hollow.gradviz", "check hollow.gradviz"):
        assert "has no node that can run; blocks[0]" in terminal.types(command).complaint


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("render lesson.gvrec -o nowhere/x.svg", "there is no folder nowhere"),
        ("render lesson.gvrec -o .", "its ending says what is wanted"),
        ("render lesson.gvrec -o x.bmp", "one of .svg, .png, .pdf, .gif, .mp4"),
        ("render lesson.gvrec -o folder.svg", "it is a folder"),
        ("render lesson.gvrec", "the following arguments are required: -o/--output"),
        ("render lesson.gvrec -o x.svg --at 100000", "lesson.gvrec has 244 events"),
        ("render lesson.gvrec -o x.svg --at -1", "is no event"),
        ("render lesson.gvrec -o x.svg --at soon", "is no event"),
        ("render lesson.gvrec -o x.svg --size big", "is no size like 1280x800"),
        ("render lesson.gvrec -o x.svg --size 0x0", "is no size like 1280x800"),
        ("render lesson.gvrec -o x.svg --size 999999x999999", "is no size like 1280x800"),
        ("render lesson.gvrec -o x.svg --theme pink", "choose from"),
        ("render lesson.gvrec more -o x.svg", "unrecognized arguments: more"),
        ("export lesson.gvrec -o nowhere/x.py", "there is no folder nowhere"),
        ("export lesson.gvrec -o x.exe", "its ending says what is wanted"),
        ("export lesson.py -o lesson.py", "it is what is read"),
        ("export lesson.gvrec -o x.tex --at 1", "no derivation at this moment"),
        ("export lesson.gvrec -o x.csv --leaf nobody", "no leaf called nobody"),
        ("record lesson.py -o nowhere/x.gvrec", "there is no folder nowhere"),
        ("record lesson.py -o lesson.py", "its ending says what is wanted, .gvrec"),
        ("record lesson.gvrec -o x.gvrec", "is a recording already"),
        ("screenshot nowhere/x.png", "there is no folder nowhere"),
        ("screenshot x.gif", "its ending says what is wanted, .png"),
        ("screenshot x.png --at 100000", "has 244 events"),
        ("screenshot x.png --size 1280", "is no size like 1280x800"),
        ("compare lesson.gvrec nowhere.gvrec", "nowhere.gvrec"),
        ("compare lesson.py nowhere.py", "nowhere.py"),
        ("info", "the following arguments are required"),
        ("run", "a script is needed"),
        ("chekc lesson.py", "did you mean check?"),
        ("nowhere.py", "there is no file nowhere.py"),
        ("--memory none", "is no number of megabytes"),
    ],
)
def test_wrong_words_are_answered_in_one_line(terminal: Terminal, line: str, words: str) -> None:
    (terminal.folder / "folder.svg").mkdir()
    before = sorted(p.name for p in terminal.folder.iterdir())
    said = terminal.types(line).complaint
    assert said.startswith("gradviz")
    assert words in said
    assert sorted(p.name for p in terminal.folder.iterdir() if not p.name.startswith(".")) == [n for n in before if not n.startswith(".")]


@pytest.mark.skipif(not Path("/proc/self").exists() or os.name != "posix", reason="needs a folder that nobody can write to")
@pytest.mark.parametrize(
    "line",
    ["record lesson.py -o /proc/x.gvrec", *(f"render lesson.gvrec -o /proc/x.{e}" for e in ("svg", "png", "mp4")),
     "export lesson.gvrec -o /proc/x.py", "screenshot /proc/x.png"],
)  # fmt: skip
def test_what_cannot_be_written_is_named(terminal: Terminal, line: str) -> None:
    said = terminal.types(line).complaint
    assert f"x.{line.rpartition('.')[2]}" in said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a display is always there")
def test_without_a_display_the_window_says_so_and_commands_paint(terminal: Terminal) -> None:
    terminal.leaves_the_screen()
    assert "there is no display" in terminal.types("").complaint
    assert "there is no display" in terminal.types("lesson.py").complaint
    assert terminal.types("render lesson.gvrec -o lesson.png").code == 0
