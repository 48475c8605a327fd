"""A lesson file (TOML) read strictly: what is not understood is an error with its place. Nothing is executed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from .knobs import MOST_POSITIONS, number
from .lesson import QUESTIONS, WORDS, Ask, Item, Knob, Lesson, MomentName, Option, Step, Try, Why
from .lines import line_numbers
from .naming import Names
from .problem import LessonProblem
from .table import Table
from .words import placeholders

FORMAT = 1
LARGEST = 1 << 20  # bytes of a lesson file
ASKS = ("number", "choice", "node", "sign", "order")
CONTROLS = ("edit", "turn", "requires_grad", "no_grad", "detach", "step")
LINED = ("edit", "turn")  # the controls that change a line


def read_lesson(path: Path) -> Lesson:
    """Read a lesson.

    Raises:
        LessonProblem: what is wrong, with the place.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise LessonProblem(f"{path.name} cannot be read: {problem.strerror or problem}.") from None
    if len(data) > LARGEST:
        raise LessonProblem(f"{path.name} is too large for a lesson: {len(data):,} bytes.")
    try:
        return parse_lesson(data.decode("utf-8"), path)
    except UnicodeDecodeError:
        raise LessonProblem(f"{path.name} is no text in UTF-8.") from None


def parse_lesson(text: str, path: Path) -> Lesson:
    """A lesson from the text of its file; `path` says where the script beside it is."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        found = re.search(r"line (\d+)", str(problem))
        raise LessonProblem(f"This is no TOML: {problem}.", line=int(found.group(1)) if found else 0) from None
    except RecursionError:
        raise LessonProblem("This file is nested too deeply for a lesson.") from None
    top = Table(data, (), line_numbers(text))
    return _Reader(top, path).lesson()


class _Reader:
    def __init__(self, top: Table, path: Path) -> None:
        self.top = top
        self.path = path
        self.names = Names()

    def lesson(self) -> Lesson:
        top = self.top
        if top.whole("format", None) != FORMAT:
            top.fail(f"format must be {FORMAT}: this version of gradviz reads no other.", "format")
        moments = top.table("moments")
        if moments is not None:
            self.names.moments = {key: moments.text(key) for key in moments.data}
            for key, words in self.names.moments.items():
                self.names.moment(moments, key, words)
        id_ = top.text("id")
        if not re.fullmatch(r"[a-z0-9-]+", id_):
            top.fail("id must be small letters, digits and hyphens.", "id")
        source = self._beside(top, "source")
        check = top.table("check")
        if check is None:
            top.fail("[check] is missing: every lesson ends with three questions.")
        steps = tuple(self.step(one) for one in top.tables("steps"))
        if not steps:
            top.fail("A lesson needs at least one [[steps]].")
        questions = tuple(self.step(one) for one in check.tables("questions"))
        if len(questions) != QUESTIONS or not all(one.ask for one in questions):
            check.fail(f"The check has exactly {QUESTIONS} [[check.questions]], each with an ask.")
        made = Lesson(
            path=self.path, id=id_, title=top.text("title"), summary=top.text("summary"), minutes=top.whole("minutes", None, 1, 120),
            number=top.whole("number", 0), course=top.text("course", "own"), before=top.texts("before"), after=top.texts("after"),
            languages=top.texts("languages") or ("en",), source=source,
            check_source=self._beside(check, "source") if "source" in check.data else source,
            picture=self._moment(top, "picture"), steps=steps, check=questions,
            moments=self.names.moments,
        )  # fmt: skip
        check.finish()
        top.finish()
        return made

    def _beside(self, table: Table, key: str) -> Path:
        """A script in the lesson's folder."""
        name = table.text(key)
        if Path(name).name != name or not name.endswith(".py"):
            table.fail(f"{key} must be the name of a script (.py) in the folder of the lesson.", key)
        return self.path.parent / name

    def _moment(self, table: Table, key: str, default: str | None = None) -> MomentName:
        return self.names.moment(table, key, table.text(key, default))

    def _words(self, table: Table, key: str, default: str | None = None) -> str:
        """A text of the page: short, and its placeholders can be read."""
        text = table.text(key, default)
        count = len(re.sub(r"\{[^{}]*\}", "N", text).split())
        if count > WORDS:
            table.fail(f"{key} has {count} words; {WORDS} are the most that one reads before looking.", key)
        for body in placeholders(text):
            self.names.reading(table, key, body)
        return text

    def step(self, table: Table) -> Step:
        at = self._moment(table, "at")
        look = tuple(self.names.pointer(table, "look", one) for one in table.texts("look"))
        why = self._why(table.table("why"))
        asked = table.table("ask")
        ask = self.ask(asked, why.at if why is not None else at) if asked is not None else None
        tried = table.table("try")
        made = Step(
            self._words(table, "text", "" if ask is not None else None), at, look, ask, why, self._try(tried),
            tuple(self.names.reading(table, "claims", one) for one in table.texts("claims")), table.place,
        )  # fmt: skip
        if ask is not None and why is None:
            table.fail("A question needs [why]: a text and the moment that shows it.")
        table.finish()
        return made

    def _why(self, table: Table | None) -> Why | None:
        if table is None:
            return None
        made = Why(self._words(table, "text"), self._moment(table, "at"))
        table.finish()
        return made

    def _try(self, table: Table | None) -> Try | None:
        if table is None:
            return None
        control = table.text("control")
        if control not in CONTROLS:
            table.fail(f"{control!r} is no control: {', '.join(CONTROLS)}.", "control")
        toggles = control in ("requires_grad", "no_grad", "detach")
        made = Try(
            self._words(table, "text"), control, self._words(table, "watch"),
            self.names.node(table, "node", table.text("node")) if toggles else None,
            table.whole("line", None, 1) if control in LINED else 0,
            table.text("after") if control in LINED else "",
            self._knobs(table) if control == "turn" else (),
            self._moment(table, "shows") if "shows" in table.data else None,
            tuple(self.names.reading(table, "claims", one) for one in table.texts("claims")), table.place,
        )  # fmt: skip
        table.finish()
        return made

    def _knobs(self, table: Table) -> tuple[Knob, ...]:
        made = [self._knob(one) for one in table.tables("knobs")]
        if not 1 <= len(made) <= 3:
            table.fail("A turn has one to three [[...knobs]].", "knobs")
        for knob in made:
            if "{" + knob.name + "}" not in table.text("after"):
                table.fail(f"after has no place for the knob: write {{{knob.name}}} where its value belongs.", "after")
        return tuple(made)

    def _knob(self, table: Table) -> Knob:
        name = table.text("name")
        if not name.isidentifier():
            table.fail("the name of a knob is letters, digits and underscores.", "name")
        words = table.texts("words")
        if words:
            start, goal = table.text("start"), table.text("goal")
            for key, value in (("start", start), ("goal", goal)):
                if value not in words:
                    table.fail(f"{key} must be one of the words: {', '.join(words)}.", key)
            if not 2 <= len(words) <= 5:
                table.fail("a knob has two to five words.", "words")
            table.finish()
            return Knob(name, start, goal, words)
        low, high, log = table.real("low"), table.real("high"), table.flag("log")
        step = 0.0 if log else table.real("step")
        if not low < high or (log and low <= 0):
            table.fail("low must be below high, and above 0 where log is true.", "low")
        if not log and not 0 < (high - low) / MOST_POSITIONS <= step <= high - low:
            table.fail(f"step must leave 1 to {MOST_POSITIONS} steps between low and high.", "step")
        made = Knob(name, number(table.real("start")), number(table.real("goal")), (), low, high, step, log)
        for key, text in (("start", made.start), ("goal", made.goal)):
            if not low <= float(text) <= high:
                table.fail(f"{key} must be from low to high.", key)
        table.finish()
        return made

    def ask(self, table: Table, when: MomentName) -> Ask:
        kind = table.text("kind")
        if kind not in ASKS:
            table.fail(f"{kind!r} is no kind of question: {', '.join(ASKS)}.", "kind")
        if "when" in table.data:
            when = self._moment(table, "when")
        valued = kind in ("number", "sign")
        made = Ask(
            kind, self._words(table, "prompt"), when,
            answer=self.names.reading(table, "answer", table.text("answer")) if valued else None,
            tolerance=table.number("tolerance", 0.0) if kind == "number" else 0.0,
            options=self._options(table) if kind == "choice" else (),
            items=self._items(table) if kind == "order" else (),
            nodes=self._moment(table, "answer") if kind == "node" else None,
            hint=self._words(table, "hint", ""), place=table.place,
        )  # fmt: skip
        table.finish()
        return made

    def _options(self, table: Table) -> tuple[Option, ...]:
        made = []
        for one in table.tables("options"):
            made.append(Option(self._words(one, "text"), self.names.reading(one, "holds", one.text("holds"))))
            one.finish()
        if not 2 <= len(made) <= 6:
            table.fail("A choice has two to six options.", "options")
        return tuple(made)

    def _items(self, table: Table) -> tuple[Item, ...]:
        made = []
        for one in table.tables("items"):
            made.append(Item(self._words(one, "text"), self._moment(one, "at")))
            one.finish()
        if not 2 <= len(made) <= 6:
            table.fail("An order has two to six items.", "items")
        return tuple(made)
