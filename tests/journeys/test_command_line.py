"""Somebody works in a terminal: runs, records, looks, draws, exports, checks."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.journeys.terminal import DATA, Terminal

KINDS = ("lesson.py", "lesson.gvrec", "graph.gradviz")
PRINTED = (DATA / "gradient_computation.out").read_text()


def starts_with(path: Path, *signs: bytes) -> bool:
    return path.read_bytes().startswith(signs)


def test_record_and_info(terminal: Terminal) -> None:
    done = terminal.types("record lesson.py -o mine.gvrec")
    assert (done.out, done.code) == (PRINTED, 0)
    told = json.loads(terminal.types("info mine.gvrec --json").out)
    assert told["events"] == sum(told["kinds"].values()) > 200
    assert {"op", "vjp", "deliver", "accumulate", "zero_grad", "print"} <= set(told["kinds"])
    assert told["steps"] > 0
    assert told["sites"] > 20
    assert told["size"] == (terminal.folder / "mine.gvrec").stat().st_size
    said = terminal.types("info mine.gvrec").out
    assert re.search(rf"^events: +{told['events']}$", said, re.MULTILINE)


def test_a_graph_is_run_and_recorded_like_a_script(terminal: Terminal) -> None:
    (terminal.folder / "SHOUTED.GRADVIZ").write_bytes((terminal.folder / "graph.gradviz").read_bytes())
    ran = terminal.types("run graph.gradviz")
    assert terminal.types("run SHOUTED.GRADVIZ").out == ran.out
    assert "w.grad tensor(2.)" in ran.out
    done = terminal.types("record graph.gradviz -o graph.gvrec")
    assert (done.out, done.code) == (ran.out, 0)
    assert json.loads(terminal.types("info graph.gvrec --json").out)["kinds"]["accumulate"] == 2


@pytest.mark.parametrize("file", KINDS)
def test_the_graph_is_drawn_as_a_picture(terminal: Terminal, file: str) -> None:
    for ending, sign in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")):
        done = terminal.types(f"render {file} -o graph{ending} --at 12 --theme light --size 900x500")
        assert (done.out, done.err, done.code) == ("", "", 0)
        assert starts_with(terminal.folder / f"graph{ending}", sign)
    assert (terminal.folder / "graph.png").read_bytes()[16:24] == (900).to_bytes(4, "big") + (500).to_bytes(4, "big")
    assert 'width="' in (terminal.folder / "graph.svg").read_text()[:400]


@pytest.mark.parametrize("file", KINDS)
def test_the_way_to_a_moment_is_drawn_as_a_film(terminal: Terminal, file: str) -> None:
    done = terminal.types(f"render {file} -o film.gif --at 8 --size 320x200")
    assert (done.out, done.err, done.code) == ("", "", 0)
    film = (terminal.folder / "film.gif").read_bytes()
    assert film[:10] == b"GIF89a" + (320).to_bytes(2, "little") + (200).to_bytes(2, "little")
    done = terminal.types(f"render {file} -o film.mp4 --at 8 --size 321x201")  # encoders take even numbers only: it is rounded up
    assert (done.out, done.err, done.code) == ("", "", 0)
    assert (terminal.folder / "film.mp4").read_bytes()[4:8] == b"ftyp"


def test_pictures_of_two_moments_differ_and_of_one_are_equal(terminal: Terminal) -> None:
    for name, at in (("a", 10), ("b", 60), ("c", 10)):
        assert terminal.types(f"render lesson.gvrec -o {name}.png --at {at}").code == 0
    a, b, c = ((terminal.folder / f"{name}.png").read_bytes() for name in "abc")
    assert a == c != b


@pytest.mark.parametrize("file", KINDS)
def test_an_exported_program_prints_the_same(terminal: Terminal, file: str) -> None:
    wanted = terminal.types("run graph.gradviz").out if file == "graph.gradviz" else PRINTED
    assert terminal.types(f"export {file} -o program.py").code == 0
    assert terminal.types("run program.py").out == wanted


@pytest.mark.torch
@pytest.mark.parametrize("file", KINDS)
def test_an_exported_program_prints_the_same_under_pytorch(terminal: Terminal, file: str) -> None:
    pytest.importorskip("torch")
    assert terminal.types(f"export {file} --output program.py").code == 0
    assert terminal.python("program.py").out == terminal.types("run program.py").out != ""


@pytest.mark.parametrize("file", KINDS)
def test_derivation_graph_and_curve_are_exported(terminal: Terminal, file: str) -> None:
    for ending in ("tex", "dot", "csv", "html"):
        done = terminal.types(f"export {file} -o made.{ending}")
        assert (done.out, done.err, done.code) == ("", "", 0)
    assert starts_with(terminal.folder / "made.tex", b"\\documentclass")
    assert "Backward pass 1" in (terminal.folder / "made.tex").read_text()
    assert starts_with(terminal.folder / "made.dot", b"digraph")


def test_check_finds_nothing_wrong_with_the_engine_and_a_wrong_backward(terminal: Terminal) -> None:
    for file in ("lesson.py", "graph.gradviz"):
        done = terminal.types(f"check {file}")
        assert done.code == 0
        assert re.search(r"^\d+ nodes: \d+ ok$", done.out, re.MULTILINE)
    terminal.writes(
        "wrong.py",
        "import torch\n"
        "class Double(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, x):\n        return x * 2\n"
        "    @staticmethod\n"
        "    def backward(ctx, g):\n        return g * 3\n"
        "x = torch.ones(2, requires_grad=True)\nDouble.apply(x).sum().backward()\n",
    )
    done = terminal.types("check wrong.py")
    assert done.code == 1
    assert re.search(r"^wrong +line 10 .*Double", done.out, re.MULTILINE)
    refused = terminal.types("check lesson.gvrec").complaint
    assert "holds no check" in refused


def test_the_window_is_grabbed_with_a_panel_in_front(terminal: Terminal) -> None:
    done = terminal.types("screenshot plain.png --at 20 --size 1280x800")
    assert (done.out, done.err, done.code) == ("", "", 0)
    assert (terminal.folder / "plain.png").read_bytes()[16:24] == (1280).to_bytes(4, "big") + (800).to_bytes(4, "big")
    refused = terminal.types("screenshot x.png --panel Nonsense").complaint
    assert "there is no panel 'Nonsense'" in refused
    names = refused.partition("there are: ")[2].split(", ")
    assert {"Source", "Inspector", "Timeline", "Console", "What if"} <= set(names)
    pictures = {(terminal.folder / "plain.png").read_bytes()}
    for name in ("Console", "alarms", "WHAT IF"):
        assert terminal.types(f"screenshot panel.png --at 20 --size 1280x800 --panel '{name}'").code == 0
        pictures.add((terminal.folder / "panel.png").read_bytes())
    assert len(pictures) == 4


@pytest.mark.parametrize("file", KINDS)
def test_the_window_is_grabbed_with_any_file(terminal: Terminal, file: str) -> None:
    done = terminal.types(f"screenshot window.png --open {file} --at 9 --theme light")
    assert (done.out, done.err, done.code) == ("", "", 0)
    assert starts_with(terminal.folder / "window.png", b"\x89PNG")


def test_lint_names_the_line_without_running_the_script(terminal: Terminal) -> None:
    terminal.writes(
        "scaled.py", "import torch\nopen('ran', 'w')\nw = torch.randn(3, requires_grad=True) * 0.1\nw.sum().backward()\nprint(w.grad)\n"
    )
    done = terminal.types("lint scaled.py")
    assert done.code == 1
    assert done.out.startswith("scaled.py:3:5: computed leaf: w is computed from the leaf that requires grad")
    assert not (terminal.folder / "ran").exists()
    assert terminal.types("lint lesson.py").code == 0


def test_a_script_that_fails_is_recorded_drawn_and_told(terminal: Terminal) -> None:
    terminal.writes(
        "fails.py", "import torch\nx = torch.ones(2, requires_grad=True)\ny = (x * 2).sum()\ny.backward()\nprint(1)\ny.backward()\n"
    )
    done = terminal.types("record fails.py -o fails.gvrec")
    assert (done.out, done.code) == ("1\n", 1)
    assert "Trying to backward through the graph a second time" in done.err
    assert json.loads(terminal.types("info fails.gvrec --json").out)["error"]
    done = terminal.types("render fails.py -o fails.svg")
    assert done.code == 0
    assert done.err.startswith("gradviz: fails.py: RuntimeError in line 6: Trying to backward")
    assert len(done.err.splitlines()) == 1


def test_a_recording_is_known_under_any_name(terminal: Terminal) -> None:
    (terminal.folder / "lesson.gvrec").rename(terminal.folder / "renamed.txt")
    assert terminal.types("info renamed.txt").code == 0
    assert terminal.types("export renamed.txt -o program.py").code == 0
    assert "is a recording" in terminal.types("run renamed.txt").complaint
    assert "is a recording already" in terminal.types("record renamed.txt -o x.gvrec").complaint


def test_who_reads_only_the_first_line_gets_no_complaint(terminal: Terminal) -> None:
    going = terminal.starts("info lesson.gvrec")
    assert going.stdout is not None
    assert going.stderr is not None
    going.stdout.close()
    assert going.stderr.read() == ""
    assert going.wait() == 1
    going.stderr.close()


@pytest.mark.parametrize("command", ["record endless.py -o x.gvrec", "render endless.py -o x.svg", "check endless.py"])
def test_ctrl_c_ends_a_command_without_a_word_of_ours(terminal: Terminal, command: str) -> None:
    terminal.writes("endless.py", "import torch, sys\nopen('started', 'w').close()\nwhile True:\n    torch.ones(2)\n")
    going = terminal.starts(command)
    while not (terminal.folder / "started").exists():
        assert going.poll() is None
    going.send_signal(signal.SIGINT)
    _, err = going.communicate(timeout=120)
    assert going.returncode == 130
    assert "gradviz" not in err.replace(str(terminal.folder), "")


def test_the_help_names_every_command(terminal: Terminal) -> None:
    from gradviz.cli import COMMANDS

    done = terminal.types("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command.name} +\w", done.out, re.MULTILINE), command.name
        assert terminal.types(f"{command.name} --help").out.startswith(f"usage: gradviz {command.name}")


def test_the_endings_of_graphviz_are_read_by_graphviz(terminal: Terminal) -> None:
    import shutil

    program = shutil.which("dot")
    if program is None:
        pytest.skip("Graphviz is not installed")
    assert terminal.types("export lesson.py -o lesson.dot").code == 0
    done = subprocess.run([program, "-Tplain", "lesson.dot"], cwd=terminal.folder, capture_output=True, text=True, check=True)
    assert done.stdout.count("\nnode ") > 20


def test_the_event_of_an_explanation_is_the_one_that_at_shows(terminal: Terminal) -> None:
    terminal.writes("fails.py", "import torch\nx = torch.ones(2, requires_grad=True)\ny = (x * 2).sum()\ny.backward()\ny.backward()\n")
    (told, *_) = json.loads(terminal.types("explain fails.py --json").out)
    assert terminal.types("record fails.py -o fails.gvrec").code == 1
    from gradviz.recording.file.gvrec import load

    assert load(str(terminal.folder / "fails.gvrec")).event(told["event"] - 1).line == told["line"]
    assert terminal.types(f"render fails.gvrec -o there.svg --at {told['event']}").code == 0
