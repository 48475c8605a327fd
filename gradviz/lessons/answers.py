"""What a lesson says and asks, read off a recording: numbers of texts, right answers, and whether a given one is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..debugger import alarms
from ..debugger.session import Session
from ..debugger.watch import Names, WatchProblem, evaluate
from ..debugger.watch import parse as parse_expression
from ..debugger.words.captions import number
from ..recording.event import Kind
from .finding import find_moment, find_moments, find_node, nodes_at, settled
from .lesson import Ask, Lesson, MomentName, NodeName, Reading
from .naming import INDEX, PASSES
from .naming import Names as Texts
from .problem import LessonProblem
from .table import Table
from .words import filled

_TOLERANCE = 0.01  # of an answer's size, and the least


class Reader:
    """Reads one recording for a lesson."""

    def __init__(self, session: Session, lesson: Lesson) -> None:
        self.session = session
        self._names = Names(session)
        self._texts = Texts()
        self._texts.moments = lesson.moments
        self._nowhere = Table({}, (), {})

    # -- readings -----------------------------------------------------------------------------------------

    def value(self, reading: Reading, at: MomentName) -> Any:
        """What a reading says, at its own moment or else at `at`.

        Raises:
            LessonProblem: the recording does not say it.
        """
        session = self.session
        if reading.kind in ("printed", "not printed"):
            return (reading.body in self._printed()) == (reading.kind == "printed")
        if reading.kind in ("event", "no event"):
            return bool(reading.at and find_moments(session, reading.at)) == (reading.kind == "event")
        if reading.kind == "alarm":
            return any(alarm.kind == reading.body for alarm in alarms.find_alarms(session))
        if reading.kind == "count":
            many = len(find_moments(session, reading.at)) if reading.at else 0
            wanted = reading.body.partition("==")[2].strip()
            return str(many) == wanted if wanted else many
        if reading.kind == "until":
            return self._until(reading)
        if reading.kind == "grad_fn":
            node, equals, named = (part.strip() for part in reading.body.partition("=="))
            found = find_node(session, self._node(node, reading)).grad_fn or "None"
            return found == named if equals else found
        row = settled(session, find_moment(session, reading.at or at))
        if reading.kind in ("gradient", "value"):
            return self._of_node(reading, row)
        try:
            return evaluate(session, parse_expression(reading.body), row, self._names)
        except WatchProblem as problem:
            raise LessonProblem(f"“{reading.text}” cannot be read {_where(reading, at)}: {problem}", reading.place) from None

    def _until(self, reading: Reading) -> int:
        """How many events of a name it takes until what one writes is larger (or smaller), by magnitude; the passing one counts."""
        _, sign, number_ = PASSES.fullmatch(reading.body).groups()  # type: ignore[union-attr]
        limit, trace = float(number_), self.session.trace
        for k, row in enumerate(find_moments(self.session, reading.at) if reading.at else ()):
            for written in trace.event(row).writes if row >= 0 else ():
                picture = trace.picture(written.value)
                if picture is None or picture.array is None or not picture.array.size:
                    continue
                size = float(np.max(np.abs(picture.array)))
                if size > limit if sign == ">" else size < limit:
                    return k + 1
        raise LessonProblem(f"“{reading.text}” never happens in the recording.", reading.place)

    def _of_node(self, reading: Reading, row: int) -> Any:
        """The value of a node, or the gradient that has arrived there, after an event; None where there is none."""
        name, index = INDEX.fullmatch(reading.body).groups()  # type: ignore[union-attr]
        node = find_node(self.session, self._node(name, reading))
        here, self.session.position = self.session.position, row
        try:
            state = self.session.moment().states.get(node.id)
        finally:
            self.session.position = here
        picture = None if state is None else state.grad if reading.kind == "gradient" else state.value
        if picture is None or picture.array is None:
            return None
        if index is None:
            return picture.array
        try:
            return picture.array[tuple(int(part) for part in index.split(","))]
        except (IndexError, ValueError) as problem:
            raise LessonProblem(f"the index of “{reading.text}” does not fit: {problem}.", reading.place) from None

    def _node(self, text: str, reading: Reading) -> NodeName:
        return self._texts.node(self._nowhere, reading.place, text)

    def _printed(self) -> str:
        rows = np.asarray(self.session.recording.events_of_kind(Kind.PRINT)).tolist()
        return "".join(str(self.session.trace.event(row).detail.get("text", "")) for row in rows)

    def holds(self, reading: Reading, at: MomentName) -> bool:
        """Whether a reading is true."""
        found = self.value(reading, at)
        return bool(np.all(found)) if found is not None else False

    def number(self, reading: Reading, at: MomentName) -> float:
        """A reading that must be one number."""
        found = self.value(reading, at)
        if found is None or isinstance(found, str) or np.size(found) != 1:
            raise LessonProblem(f"“{reading.text}” is not one number {_where(reading, at)}.", reading.place)
        return float(np.asarray(found).reshape(-1)[0])

    # -- words ----------------------------------------------------------------------------------------------

    def text(self, text: str, at: MomentName) -> str:
        """A text with the recording's numbers in it."""

        def read(body: str, form: str) -> str:
            reading = self._texts.reading(self._nowhere, "", body)
            if reading.kind == "printed":
                return self._line_with(reading.body)
            return said(self.value(reading, at), form)

        return filled(text, read)

    def _line_with(self, words: str) -> str:
        """The printed line that has these words."""
        found = next((line for line in self._printed().splitlines() if words in line), None)
        if found is None:
            raise LessonProblem(f"the script prints no line with “{words}”.")
        return found.strip()

    # -- questions --------------------------------------------------------------------------------------------

    def right(self, ask: Ask) -> Any:
        """The right answer: a number, a sign (-1, 0, 1), the index of an option, a set of nodes, or the order of the items."""
        if ask.kind == "number" and ask.answer is not None:
            found = self.number(ask.answer, ask.when)
            if not np.isfinite(found):
                raise LessonProblem(f"the answer is {found}: ask for that with a choice.", ask.place)
            return found
        if ask.kind == "sign" and ask.answer is not None:
            return int(np.sign(self.number(ask.answer, ask.when)))
        if ask.kind == "choice":
            right = [k for k, option in enumerate(ask.options) if self.holds(option.holds, ask.when)]
            if len(right) != 1:
                which = "none" if not right else " and ".join(f"“{ask.options[k].text}”" for k in right)
                raise LessonProblem(f"exactly one option must hold, and {which} does.", ask.place)
            return right[0]
        if ask.kind == "node" and ask.nodes is not None:
            found_nodes = nodes_at(self.session, ask.nodes)
            if not found_nodes:
                raise LessonProblem(f"no node has an event “{ask.nodes.text}”.", ask.place)
            return found_nodes
        rows = [find_moment(self.session, item.at) for item in ask.items]
        if len(set(rows)) != len(rows):
            raise LessonProblem("two items happen at the same event, so they have no order.", ask.place)
        return sorted(range(len(rows)), key=lambda k: rows[k])

    def judge(self, ask: Ask, given: Any) -> bool:
        """Whether an answer is right; `given` is what `right` would say, for a node one node id."""
        right = self.right(ask)
        if ask.kind == "number":
            room = ask.tolerance or max(_TOLERANCE, _TOLERANCE * abs(right))
            return bool(abs(float(given) - right) <= room * (1 + 1e-9))
        if ask.kind == "node":
            return int(given) in right
        return bool(given == right)

    def told(self, ask: Ask) -> str:
        """The right answer in words."""
        right = self.right(ask)
        if ask.kind == "number":
            return number(right)
        if ask.kind == "sign":
            return ("negative", "zero", "positive")[right + 1]
        if ask.kind == "choice":
            return self.text(ask.options[right].text, ask.when)
        if ask.kind == "order":
            return ", ".join(self.text(ask.items[k].text, ask.when) for k in right)
        titles = [node.title for node in self.session.graph().nodes if node.id in right]
        return " or ".join(dict.fromkeys(titles))


def said(value: Any, form: str = "") -> str:
    """A value in a text."""
    if value is None or isinstance(value, (bool, np.bool_, str)):
        return str(value)
    if isinstance(value, tuple):
        return str(value)
    array = np.asarray(value)
    if array.dtype.kind == "b":
        return str(array.tolist())
    return _nested(array.tolist(), form)


def _nested(value: Any, form: str) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_nested(one, form) for one in value) + "]"
    if form == "d":
        return f"{round(value)}"
    return (f"{value:{form}}" if form else number(float(value))).replace("-", "−")


def _where(reading: Reading, at: MomentName) -> str:
    return f"at “{(reading.at or at).text}”"
