"""The lesson file: what is read, and how what is wrong is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.lessons.knobs import at_position, line_of, position_of, positions
from gradviz.lessons.lesson import Knob
from gradviz.lessons.lines import line_numbers, written
from gradviz.lessons.problem import LessonProblem
from gradviz.lessons.reading import parse_lesson, read_lesson
from gradviz.lessons.shelf import FOLDER
from gradviz.lessons.words import bare_decimals, filled, placeholders

GOOD = (FOLDER / "01_tracking.toml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> LessonProblem:
    """What is told when one thing of a good lesson is changed."""
    assert old in GOOD
    with pytest.raises(LessonProblem) as caught:
        parse_lesson(GOOD.replace(old, new, 1), Path("lesson.toml"))
    return caught.value


def test_a_good_lesson_is_read() -> None:
    lesson = parse_lesson(GOOD, Path("/somewhere/lesson.toml"))
    assert lesson.title == "requires_grad tracks"
    assert lesson.source == Path("/somewhere/01_tracking.py")
    assert [step.ask.kind for step in lesson.steps if step.ask] == ["choice", "node"]
    assert len(lesson.check) == 3
    assert lesson.steps[0].at.kind == "create_leaf"
    assert lesson.steps[0].at.name == "c"


@pytest.mark.parametrize(
    ("old", "new", "words", "place"),
    [
        ("format = 1", "format = 7", "no other", "format"),
        ('id = "tracking"', 'id = "Tracking!"', "small letters", "id"),
        ("minutes = 5", 'minutes = "five"', "whole number", "minutes"),
        ("minutes = 5", "minutes = true", "whole number", "minutes"),
        ("minutes = 5", "minutes = 900", "from 1 to 120", "minutes"),
        ("summary =", "sumary =", "sumary is not known here. Did you mean summary?", "sumary"),
        (GOOD[GOOD.index("summary") : GOOD.index("minutes")], "", "summary is missing", ""),
        ('source = "01_tracking.py"', 'source = "../../etc/passwd"', "folder of the lesson", "source"),
        ('after = ["grad-fn"]', 'after = ["grad-fn"]\nafterwards = 1', "afterwards is not known here. Did you mean after?", "afterwards"),
        ('made = "create_leaf c"', 'made = "creat_leaf c"', "names no moment", "moments.made"),
        ('kind = "choice"', 'kind = "guess"', "no kind of question", "steps[2].ask.kind"),
        ('control = "requires_grad"', 'control = "os.system"', "no control", "steps[5].try.control"),
        ('answer = "op k"', 'answer = "op k colour=red"', "not understood", "steps[3].ask.answer"),
        ('look = ["node x", "node c", "line 6"]', 'look = ["arrow x"]', "points at nothing", "steps[1].look"),
        ("c = {c}\n", "c = {__import__('os')}\n", "cannot be read off a recording", "steps[1].text"),
        ('at = "op z"\nlook', 'at = "op z"\n[steps.sing]\n[steps.other]\nlook', "not known here", "steps[3].sing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, words: str, place: str) -> None:
    problem = changed(old, new)
    assert words in problem.message
    assert problem.place == place
    if place:
        key = place.rpartition(".")[2]
        line = GOOD.replace(old, new, 1).splitlines()[problem.line - 1]
        assert key.split("[")[0] in line


VECTOR = (FOLDER / "04_vector.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("start = 0.1", "start = 7", "start must be from low to high"),
        ("low = -2", "low = 9", "low must be below high"),
        ("step = 0.1", "step = 0", "step must leave"),
        ("step = 0.1", "step = nan", "finite"),
        ("step = 0.1", "log = true", "above 0 where log is true"),
        ("step = 0.1", "step = 1e-12", "step must leave"),
        ('name = "a"', 'name = "d"', "after has no place for the knob"),
        ('name = "a"', 'name = "a b"', "letters, digits"),
        ('name = "a"', 'name = "a"\nwords = ["x"]', "start must be a text"),
        ("goal = 1", 'goal = "1"', "goal must be a number"),
    ],
)
def test_a_knob_that_cannot_be_turned_is_told(old: str, new: str, words: str) -> None:
    assert old in VECTOR
    with pytest.raises(LessonProblem) as caught:
        parse_lesson(VECTOR.replace(old, new, 1), Path("lesson.toml"))
    assert words in caught.value.message
    assert caught.value.line


def test_a_slider_has_the_numbers_of_its_knob() -> None:
    lesson = parse_lesson(VECTOR, Path("lesson.toml"))
    tried = next(step.try_ for step in lesson.steps if step.try_)
    knob = tried.knobs[0]
    assert [at_position(knob, k) for k in (0, 21, positions(knob))] == ["-2.0", "0.1", "2.0"]
    assert position_of(knob, "0.1") == 21
    assert line_of(tried) == "v = torch.tensor([1.0, 0.0, 0.0])"
    log = Knob("lr", "0.1", "0.1", low=1e-7, high=1.0, log=True)
    found = [float(at_position(log, k)) for k in range(positions(log) + 1)]
    assert found == sorted(found) and found[0] == 1e-7 and found[-1] == 1.0


def test_a_long_text_is_refused() -> None:
    assert "60 are the most" in changed('text = "Now `y', 'text = "' + "word " * 61 + "Now `y").message


def test_a_syntax_error_has_its_line() -> None:
    assert changed("number = 1", "number = = 1").line == 3


def test_a_question_needs_its_why() -> None:
    cut = GOOD[GOOD.index("[steps.why]") : GOOD.index('[[steps]]\ntext = "The tracked')]
    assert "[why]" in changed(cut, "").message


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 40), st.text(alphabet="[]{}=\"'\n#.|:aé0 \\", max_size=6))
def test_a_damaged_file_is_told_as_a_problem_and_nothing_else(at: int, length: int, put: str) -> None:
    told = "read"
    try:
        parse_lesson(GOOD[:at] + put + GOOD[at + length :], Path("lesson.toml"))
    except LessonProblem as problem:
        told = str(problem)
    assert told


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"", b"[" * 5000, b"a" * (1 << 20 | 1)])
def test_what_is_no_lesson_is_told(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "odd.toml"
    file.write_bytes(data)
    with pytest.raises(LessonProblem):
        read_lesson(file)


def test_reading_a_lesson_opens_one_file_and_runs_nothing() -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gradviz.lessons.reading import read_lesson\n"
        "seen = []\n"
        "sys.addaudithook(lambda event, args: seen.append((event, str(args[0]) if args else '')) if event in WATCHED else None)\n"
        "WATCHED = ('open', 'exec', 'import', 'os.system', 'subprocess.Popen', 'socket.connect', 'os.exec')\n"
        f"lesson = read_lesson(Path({str(FOLDER / '01_tracking.toml')!r}))\n"
        "print([(event, name.rsplit('/', 1)[-1]) for event, name in seen])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[('open', '01_tracking.toml')]"


def test_lines_of_nested_tables() -> None:
    found = line_numbers(
        'a = 1\n[b]\nc = """\nd = 2\n"""\n[[e]]\nf = [\n  1,\n]\n[e.g]\nh = 1\n[[e]]\nf = 2\n[[e.o]]\n[[e.o]]\np = "[" # ]\nq = 1\n'
    )
    named = {written(path): line for path, line in found.items()}
    assert named["b.c"] == 3
    assert "b.d" not in named
    assert (named["e[1].f"], named["e[1].g.h"], named["e[2].f"]) == (7, 11, 13)
    assert (named["e[2].o[2].p"], named["e[2].o[2].q"]) == (16, 17)


def test_placeholders() -> None:
    text = "x is {x.grad[0:2] | end :.3f}, {{so}} `1.5` and 2.75 of v1.2"
    assert list(placeholders(text)) == ["x.grad[0:2] | end"]
    assert filled(text, lambda body, form: f"<{body}/{form}>") == "x is <x.grad[0:2] | end/.3f>, {so} `1.5` and 2.75 of v1.2"
    assert bare_decimals(text) == ["2.75"]
