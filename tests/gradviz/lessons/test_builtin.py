"""The lessons that come with the app: every claim about numbers, their stored recordings, their order, and the same output as PyTorch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.debugger.session import Session
from gradviz.lessons import shelf
from gradviz.lessons.answers import Reader
from gradviz.lessons.check import check_lesson
from gradviz.lessons.reading import read_lesson
from gradviz.lessons.record import record_here, reseeded, source_of
from gradviz.lessons.walk import Walk
from gradviz.recording.event import Kind
from gradviz.recording.recording import Recording

FILES = shelf.files()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_lesson_says_what_is_true(file: Path) -> None:
    report = check_lesson(file, record_here, seeds=(1, 2222))
    assert [str(problem) for problem in report.problems] == []
    lesson = report.lesson
    assert lesson.steps[0].ask or lesson.steps[1].ask, "a question within the first thirty seconds"
    stored = shelf.stored(lesson)
    assert stored is not None, f"its script has changed: python main.py check-lesson {file} --record"
    reader, fresh = Reader(Session(stored), lesson), Reader(Session(report.recording), lesson)
    for step in lesson.steps:  # what is stored says the same as a run of today
        assert reader.text(step.text, step.at) == fresh.text(step.text, step.at)
        if step.ask is not None and step.why is not None:
            right = fresh.right(step.ask)  # of a number the last digits are the processor's: its sums go another way
            assert reader.right(step.ask) == (pytest.approx(right, rel=1e-5) if step.ask.kind == "number" else right)
            assert reader.text(step.why.text, step.why.at) == fresh.text(step.why.text, step.why.at)
    assert [event.kind for event in stored] == [event.kind for event in report.recording]


def test_numbers_ids_and_order_fit_together() -> None:
    found = shelf.lessons()
    assert [lesson.number for lesson in found] == list(range(1, len(found) + 1))
    ids = [lesson.id for lesson in found]
    assert len(set(ids)) == len(ids)
    for lesson in found:
        assert set(lesson.before) | set(lesson.after) <= set(ids), lesson.id
        assert all(ids.index(before) < ids.index(lesson.id) for before in lesson.before)
        assert lesson.course in dict(shelf.COURSES)
        assert len(lesson.title) <= 28 and len(lesson.summary) <= 90, "they fit their card"


def printed(recording: Recording) -> str:
    return "".join(e.detail["text"] for e in recording if e.kind == Kind.PRINT and e.detail["stream"] == "stdout")


@pytest.mark.torch
def test_pytorch_prints_the_same() -> None:
    pytest.importorskip("torch")
    scripts = sorted(shelf.FOLDER.glob("*.py"))
    program = (
        "import contextlib, io, json, sys, warnings; warnings.simplefilter('ignore'); found = {}\n"
        "for path in sys.argv[1:]:\n"
        "    out = io.StringIO()\n"
        "    with contextlib.redirect_stdout(out): exec(compile(open(path).read(), path, 'exec'), {'__name__': '__main__'})\n"
        "    found[path] = out.getvalue()\n"
        "print(json.dumps(found))"
    )
    command = [sys.executable, "-c", program, *map(str, scripts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, cwd=shelf.FOLDER)
    theirs = json.loads(done.stdout)
    ours = {script.name: printed(record_here(script, source_of(script))) for script in scripts}
    assert ours == {script.name: theirs[str(script)] for script in scripts}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_wrong_answer_to_any_question_is_answered_with_the_right_one(file: Path) -> None:
    lesson = read_lesson(file)
    stored = shelf.stored(lesson)
    assert stored is not None
    walk = Walk(lesson, Session(stored))
    walk.begin_check(Session(record_here(lesson.check_source, reseeded(source_of(lesson.check_source), 31))))
    asked = 0
    for number, page in enumerate(walk.pages):
        walk.index = number
        if page.step is None or page.step.ask is None:
            continue
        right, kind = walk.here.right(page.step.ask), page.step.ask.kind
        nodes = [node.id for node in walk.here.session.graph().nodes]
        wrong = {
            "number": lambda right=right: right + max(5.0, abs(right)),
            "sign": lambda right=right: 1 if right < 1 else -1,
            "choice": lambda right=right: int(right == 0),
            "order": lambda right=right: right[::-1],
            "node": lambda right=right, nodes=nodes: next(node for node in nodes if node not in right),
        }[kind]()
        verdict = walk.answer(wrong)
        assert not verdict.right
        assert verdict.answer and verdict.why and "{" not in verdict.why
        asked += 1
    assert asked >= 5
    assert not any(walk.results())
