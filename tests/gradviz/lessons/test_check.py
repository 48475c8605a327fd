"""check-lesson: the recording must have every moment, answer and number that a lesson speaks of."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from gradviz.__main__ import main
from gradviz.debugger.session import Session
from gradviz.lessons.answers import Reader
from gradviz.lessons.check import check_lesson
from gradviz.lessons.lesson import Lesson, MomentName
from gradviz.lessons.naming import Names
from gradviz.lessons.problem import LessonProblem
from gradviz.lessons.reading import read_lesson
from gradviz.lessons.record import record_here, reseeded, source_of
from gradviz.lessons.shelf import FOLDER
from gradviz.lessons.table import Table
from gradviz.recording.recording import Recording

FILE = FOLDER / "01_tracking.toml"


@pytest.fixture(scope="module")
def recording() -> Recording:
    script = FOLDER / "01_tracking.py"
    return record_here(script, source_of(script))


def own(folder: Path, old: str, new: str) -> Path:
    """A teacher's own copy of the first lesson with one thing changed."""
    shutil.copy(FOLDER / "01_tracking.py", folder)
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file = folder / "mine.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_the_command_says_that_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-lesson", str(own(tmp_path, "minutes = 5", "minutes = 6")), "--answers"]) == 0
    told = capsys.readouterr()
    assert "All is well" in told.out
    assert "steps[2]: y and z" in told.out
    assert told.err == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('picture = "op z"', 'picture = "op nowhere"', "no moment “op nowhere”"),
        ('look = ["node y", "node k"]', 'look = ["node y", "edge x -> z"]', "the canvas has no “edge x -> z”"),
        ('look = ["node y", "node k"]', 'look = ["node y", "line 90"]', "no line 90"),
        ('holds = "y.requires_grad and not k.requires_grad and not z.requires_grad"', 'holds = "y.requires_grad"', "exactly one option must hold"),
        ("z remembers `{grad_fn: z}`", "x.grad is 0.25", "0.25 stands in a text as it is"),
        ("z remembers `{grad_fn: z}`", "{w.grad}", "The script has no tensor called w"),
        ('claims = ["k.requires_grad"', 'claims = ["not k.requires_grad"', "after the change the claim"),
        ('answer = "x.grad[1]"', 'answer = "x.grad"', "not one number"),
        ('answer = "op k"', 'answer = "hook"', "no node has an event"),
        ('look = ["node y", "node k"]', 'look = ["line 3"]', "line 3 of the script is empty"),
        ('control = "requires_grad"\nnode = "c"', 'control = "edit"\nline = 11\nafter = "z = nothing"', "after the change the script fails: NameError"),
    ],
)  # fmt: skip
def test_what_the_recording_does_not_say_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    file = own(tmp_path, old, new)
    report = check_lesson(file, record_here, seeds=(1,))
    assert words in " ".join(map(str, report.problems))
    assert all(problem.line for problem in report.problems)
    if words.startswith("no moment"):
        assert main(["check-lesson", str(file)]) == 1
        assert "line 10" in capsys.readouterr().err


def test_a_script_without_a_seed_has_no_fresh_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own(tmp_path, "minutes = 5", "minutes = 6")
    script = tmp_path / "01_tracking.py"
    script.write_text(script.read_text().replace("torch.manual_seed(0)", "pass"))
    assert main(["check-lesson", str(file)]) == 1
    assert "torch.manual_seed" in capsys.readouterr().err


def test_a_script_that_is_not_there_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own(tmp_path, 'source = "01_tracking.py"', 'source = "gone.py"')
    assert main(["check-lesson", str(file)]) == 1
    assert "line 9, source: the script gone.py cannot be read" in capsys.readouterr().err


def test_files_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-lesson", str(tmp_path / "no.toml")]) == 2
    file = own(tmp_path, 'source = "01_tracking.py"', 'source = "other.py"')
    assert main(["check-lesson", str(file)]) == 1
    assert "other.py" in capsys.readouterr().err


def test_the_script_is_a_program_but_the_file_is_not(tmp_path: Path) -> None:
    """Reading and checking a lesson runs its script only, in a child process."""
    file = own(tmp_path, "minutes = 5", "minutes = 6")
    script = tmp_path / "01_tracking.py"
    script.write_text(script.read_text() + "\nimport os\nassert os.getpid() != int(open('parent').read())\n")
    import os

    (tmp_path / "parent").write_text(str(os.getpid()))
    before = Path.cwd()
    try:
        os.chdir(tmp_path)
        assert check_lesson(file, seeds=(1,)).problems == ()
    finally:
        os.chdir(before)


def lesson() -> Lesson:

    return read_lesson(FILE)


def test_answers_are_judged(recording: Recording) -> None:
    reader, read = Reader(Session(recording), lesson()), lesson()
    choice, node = (step.ask for step in read.steps if step.ask)
    assert choice is not None and node is not None
    assert [reader.judge(choice, k) for k in range(3)] == [False, True, False]
    graph = reader.session.graph()
    right = {n.title for n in graph.nodes if reader.judge(node, n.id)}
    assert right == {"k"}
    sign, _, number = (step.ask for step in read.check)
    assert sign is not None and number is not None
    found = reader.right(number)
    assert reader.right(sign) in (-1, 1)
    assert reader.judge(number, found + 0.009)
    assert not reader.judge(number, found + 0.02)
    assert reader.told(choice) == "y and z"


def test_texts_have_the_numbers_of_their_moment(recording: Recording) -> None:
    reader, read = Reader(Session(recording), lesson()), lesson()
    assert reader.text(read.steps[0].text, read.steps[0].at).startswith("Two tensors")
    assert "x = [1.54, −0.29, −2.18]" in reader.text(read.steps[0].text, read.steps[0].at)
    assert "`c.grad` is None" in reader.text(read.steps[3].text, read.steps[3].at)


def test_until_counts_to_the_first_event_that_passes() -> None:
    script = FOLDER / "19_exploding.py"
    found = read_lesson(FOLDER / "19_exploding.toml")
    reader, names, end = Reader(Session(record_here(script, source_of(script))), found), Names(), MomentName("end", "end")

    def read(text: str) -> Any:
        return reader.value(names.reading(Table({}, (), {}), "answer", text), end)

    assert read("until: deliver to=h > 10000") == 20 == math.ceil(4 / math.log10(1.6))
    x = read("x[0]")
    assert [read(f"until: op h > {limit}") for limit in (10, 1e2, 1e4)] == [math.ceil(math.log(n / x, 1.6)) for n in (10, 1e2, 1e4)]
    assert read("until: op h < 1e9") == 1
    with pytest.raises(LessonProblem, match="never happens"):
        read("until: op h > 1e12")
    with pytest.raises(LessonProblem, match="when to stop"):
        read("until: op h")


def test_a_fresh_seed_changes_the_numbers_and_nothing_else() -> None:
    source = source_of(FOLDER / "01_tracking.py")
    fresh = reseeded(source, 77)
    assert fresh != source
    assert fresh.replace("77", "0") == source


def test_the_lesson_of_the_documentation_is_right(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "lessons.md").read_text(encoding="utf-8")
    for language, name in (("python", "doubling.py"), ("toml", "doubling.toml")):
        block = text.split(f"```{language}\n", 1)[1].split("```", 1)[0]
        (tmp_path / name).write_text(block, encoding="utf-8")
    report = check_lesson(tmp_path / "doubling.toml", record_here, seeds=(1, 2))
    assert [str(problem) for problem in report.problems] == []
    assert report.answers[0] == "steps[1]: 2"
