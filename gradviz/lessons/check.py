"""check-lesson: the file is read, its script run, every moment found, every answer and number computed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path

from ..debugger.session import Session
from ..recording.event import Kind, key_of
from ..recording.recording import Recording
from ..running.overrides import Detach, NoGrad, Override, RequiresGrad
from .answers import Reader
from .finding import find_moment, find_node
from .knobs import at_position, line_of, positions
from .lesson import Lesson, MomentName, Pointer, Reading, Step, Try
from .lines import Path as Place
from .lines import line_numbers, written
from .problem import LessonProblem
from .reading import read_lesson
from .record import Record, record_in_child, reseeded, source_of
from .words import bare_decimals, placeholders

SEEDS = 3  # fresh runs of the check that are tried


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked. `problems` is empty where the lesson is right."""

    lesson: Lesson
    recording: Recording
    answers: tuple[str, ...]
    numbers: int
    problems: tuple[LessonProblem, ...]


def check_lesson(path: Path, record: Record = record_in_child, seeds: Sequence[int] = ()) -> Report:
    """Check a lesson wholly.

    Args:
        record: runs a script.
        seeds: of the fresh runs of the check; by default some at random.

    Raises:
        LessonProblem: the file cannot be read, or its script does not run.
    """
    lesson = read_lesson(path)
    lines = line_numbers(path.read_text(encoding="utf-8"))
    try:
        source = source_of(lesson.source)
        recording = record(lesson.source, source, ())
    except LessonProblem as problem:
        raise _placed(problem, lines) from None
    checked = _Checked(lesson, source, record)
    session = Session(recording)
    checked.one(lambda: find_moment(session, lesson.picture))
    for step in lesson.steps:
        checked.step(Reader(session, lesson), step)
    fresh = source_of(lesson.check_source)
    for seed in seeds or random.sample(range(1, 10_000), SEEDS):
        reader = Reader(Session(record(lesson.check_source, reseeded(fresh, seed), ())), lesson)
        for step in lesson.check:
            checked.step(reader, step, f" (seed {seed})")
    problems = tuple({str(placed): placed for placed in (_placed(problem, lines) for problem in checked.problems)}.values())
    return Report(lesson, recording, tuple(checked.answers), checked.numbers, problems)


def _placed(problem: LessonProblem, lines: dict[Place, int]) -> LessonProblem:
    """With the line of the file, from the place in words."""
    words = problem.place
    found = 0
    while words and not found:
        found = next((line for path, line in lines.items() if written(path) == words), 0)
        words = words.rpartition(".")[0]
    return LessonProblem(problem.message, problem.place, found)


class _Checked:
    """What was found so far; a problem does not end the check."""

    def __init__(self, lesson: Lesson, source: str, record: Record) -> None:
        self.lesson = lesson
        self._source = source
        self._record = record
        self.problems: list[LessonProblem] = []
        self.answers: list[str] = []
        self.numbers = 0

    def one(self, check: Callable[[], object], place: str = "") -> object:
        """Run a check, and keep its problem."""
        try:
            return check()
        except LessonProblem as problem:
            self.problems.append(LessonProblem(problem.message, problem.place or place, problem.line))
            return None

    def step(self, reader: Reader, step: Step, note: str = "") -> None:
        """Everything that a page says, shows and asks."""
        session = reader.session
        self.one(lambda: find_moment(session, step.at), step.place)
        for pointer in step.look:
            self.one(partial(self._pointer, session, pointer, step.place), step.place)
        for text, at, place in _texts(step):
            self.numbers += sum(1 for _ in placeholders(text))
            self.one(partial(reader.text, text, at), place)
            for decimal in bare_decimals(text):
                if not any(decimal.lstrip("-−") in claim.text for claim in step.claims):
                    message = f"{decimal} stands in a text as it is: write a placeholder, code in backticks, or a claim."
                    self.problems.append(LessonProblem(message, place))
        for claim in step.claims:
            self._claim(reader, claim, step, note)
        if step.ask is not None:
            ask = step.ask
            told = self.one(lambda: reader.told(ask), step.place)
            if told is not None:
                self.answers.append(f"{step.place}{note}: {told}")
        if step.why is not None:
            why = step.why
            self.one(lambda: find_moment(session, why.at), step.place)
        if step.try_ is not None:
            self.one(lambda: self._try(session, step.try_, step.place), step.place)  # type: ignore[arg-type]

    def _claim(self, reader: Reader, claim: Reading, step: Step, note: str) -> None:
        def check() -> None:
            if not reader.holds(claim, step.at):
                raise LessonProblem(f"the claim “{claim.text}” does not hold{note}.", step.place)

        self.one(check, step.place)
        self.numbers += 1

    def _pointer(self, session: Session, pointer: Pointer, place: str) -> None:
        nodes = [find_node(session, name) for name in pointer.nodes]
        if pointer.kind == "edge" and not any(e.source == nodes[0].id and e.target == nodes[1].id for e in session.graph().edges):
            raise LessonProblem(f"the canvas has no “{pointer.text}”.", place)
        if pointer.kind == "picture" and not import_module(f"..idea_pictures.{pointer.panel}", __package__).fits(session):
            raise LessonProblem(f"no “{pointer.text}” can be made of this recording.", place)
        if pointer.kind == "line":
            lines = self._source.splitlines()
            if not 1 <= pointer.line <= len(lines):
                raise LessonProblem(f"the script has no line {pointer.line}.", place)
            if not lines[pointer.line - 1].strip():
                raise LessonProblem(f"line {pointer.line} of the script is empty.", place)

    def _try(self, session: Session, tried: Try, place: str) -> None:
        """Make the change, run, and see whether what the lesson claims of it holds."""
        made = changed_run(self.lesson, self._source, session, tried, self._record)
        if made is None:
            return
        reader = Reader(Session(made), self.lesson)
        failed = _failures(made)
        meant = any(claim.kind == "event" and claim.at is not None and claim.at.kind == "error" for claim in tried.claims)
        if failed and not meant and not _failures(session.recording):
            raise LessonProblem(f"after the change the script fails: {failed[-1]} (where that is meant, claim “event: error”)", place)
        if tried.shows is not None:
            find_moment(reader.session, tried.shows)
        if tried.knobs:
            self._ends(tried, place)
        for claim in tried.claims:
            end = replace(self.lesson.picture, text="end", kind="end", name="")
            if not reader.holds(claim, end):
                raise LessonProblem(f"after the change the claim “{claim.text}” does not hold.", place)
            self.numbers += 1

    def _ends(self, tried: Try, place: str) -> None:
        """The script runs at both ends of each knob."""
        start = {knob.name: knob.start for knob in tried.knobs}
        for knob in tried.knobs:
            for position in (0, positions(knob)):
                values = {**start, knob.name: at_position(knob, position)}
                try:
                    self._record(self.lesson.source, edited(self._source, tried, values), ())
                except LessonProblem as problem:
                    raise LessonProblem(f"with {knob.name} = {values[knob.name]}: {problem.message}", place) from None


def _failures(recording: Recording) -> list[str]:
    """The errors that a run ended with; a warning is none."""
    found = (event.detail for event in recording if event.kind == Kind.ERROR)
    return [f"{one.get('type')}: {one.get('text')}" for one in found if not str(one.get("type")).endswith("Warning")]


def changed_run(lesson: Lesson, source: str, session: Session, tried: Try, record: Record) -> Recording | None:
    """The run with what a step says to try; None where nothing is changed by it."""
    if tried.line:
        return record(lesson.source, edited(source, tried), ())
    found = override(session, tried)
    return record(lesson.source, source, (found,)) if found is not None else None


def edited(source: str, tried: Try, values: Mapping[str, str] | None = None) -> str:
    """The script with the line changed; `values` are those of the knobs, by default their goals."""
    lines = source.splitlines(keepends=True)
    if not 1 <= tried.line <= len(lines):
        raise LessonProblem(f"the script has no line {tried.line}.", tried.place)
    before = lines[tried.line - 1]
    lines[tried.line - 1] = before[: len(before) - len(before.lstrip())] + line_of(tried, values) + "\n"
    return "".join(lines)


def override(session: Session, tried: Try) -> Override | None:
    """The what-if change that a step says to try, None for an edit or a step."""
    if tried.node is None:
        return None
    node = find_node(session, tried.node)
    key = key_of(session.recording.sites[node.id])
    if tried.control == "requires_grad":
        return RequiresGrad(key, not node.requires_grad)
    return NoGrad((key,)) if tried.control == "no_grad" else Detach(key, 0)


def _texts(step: Step) -> Iterator[tuple[str, MomentName, str]]:
    """Every text of a page with the moment that its numbers are read at."""
    yield step.text, step.at, f"{step.place}.text"
    if step.ask is not None:
        yield step.ask.prompt, step.at, f"{step.ask.place}.prompt"
        yield step.ask.hint, step.at, f"{step.ask.place}.hint"
        for option in step.ask.options:
            yield option.text, step.ask.when, f"{step.ask.place}.options"
        for item in step.ask.items:
            yield item.text, step.ask.when, f"{step.ask.place}.items"
    if step.why is not None:
        yield step.why.text, step.why.at, f"{step.place}.why.text"
