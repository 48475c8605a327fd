"""What a lesson is: pure data. docs/lessons.md describes the file that it is read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

WORDS = 60  # of a step's text, at most: what one reads before one looks
QUESTIONS = 3  # of the check at the end


@dataclass(frozen=True, slots=True)
class MomentName:
    """A moment of the recording by what happens then: `kind name key=value ...`, such as `deliver y to=x nth=1`.

    Attributes:
        text: as it stands in the file.
        kind: "start", "end", or the kind of an event in small letters.
        name: the variable (of a bucket: of its leaf), or the op where no variable has that name; "" for any.
        to: for deliver, the name of the node at which the gradient arrives.
        nth: which of the events that fit, from 0; negative counts from the end.
    """

    text: str
    kind: str
    name: str = ""
    to: str = ""
    op: str = ""
    grad_fn: str = ""
    mode: str = ""
    contains: str = ""
    line: int | None = None
    step: int | None = None
    epoch: int | None = None
    pass_: int | None = None
    nth: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class NodeName:
    """A node of the canvas: `name key=value ...`, such as `z op=mean`, `x kind=bucket`, `mul line=14`."""

    text: str
    name: str
    op: str = ""
    grad_fn: str = ""
    kind: str = ""
    line: int | None = None
    nth: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a step points at: `node x`, `edge x -> y`, `line 12`, `panel Gradients`, `picture valley w`.

    Attributes:
        chosen: of a picture: what its choosers are set to.
    """

    text: str
    kind: str
    nodes: tuple[NodeName, ...] = ()
    line: int = 0
    panel: str = ""
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Something that is read off the recording: `EXPRESSION`, `EXPRESSION | MOMENT`, `printed: words`, `event: MOMENT`, ...

    Attributes:
        kind: "expression", or one of `naming.READINGS`.
        body: what stands after the kind, without the moment.
        at: where it is read; None: at the moment of the question or of the text.
    """

    text: str
    kind: str
    body: str
    at: MomentName | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose; it is right where `holds` is true in the recording."""

    text: str
    holds: Reading


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to put in order; its moment says where it belongs."""

    text: str
    at: MomentName


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to predict.

    Attributes:
        kind: "number", "choice", "node", "sign" or "order".
        when: the moment at which the answer is read.
        answer: for number and sign: the expression.
        tolerance: of a number; 0 takes one hundredth of the answer, at least 0.01.
        nodes: for node: the moment whose node is to be clicked (without `nth`: the node of each that fits).
        hint: said after a wrong answer, "" for none.
    """

    kind: str
    prompt: str
    when: MomentName
    answer: Reading | None = None
    tolerance: float = 0.0
    options: tuple[Option, ...] = ()
    items: tuple[Item, ...] = ()
    nodes: MomentName | None = None
    hint: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation after an answer, and the moment that shows it."""

    text: str
    at: MomentName


@dataclass(frozen=True, slots=True)
class Knob:
    """A number or a word of the script that the learner turns.

    Attributes:
        low, high: the ends of its slider; where `log`, equal ways are equal factors.
        step: of the slider, 0 where `log`.
        words: what can be chosen instead of a number.
        start: where it stands at first: what the script has.
        goal: what the button of the page sets it to, and what the claims speak of.
    """

    name: str
    start: str
    goal: str
    words: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    step: float = 0.0
    log: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """Something to change, and what to watch.

    Attributes:
        control: "edit" (a line of the script gets another text), "turn" (its text has knobs), "requires_grad", "no_grad",
            "detach", or "step".
        node: the node that is toggled.
        line, after: the line that is edited, and its new text (indentation is kept; `{NAME}` is the place of a knob).
        knobs: what is turned.
        shows: the moment that the changed run is shown at, "end" where it has none.
        watch: what to look at afterwards.
        claims: what holds at the end of the changed run.
    """

    text: str
    control: str
    watch: str
    node: NodeName | None = None
    line: int = 0
    after: str = ""
    knobs: tuple[Knob, ...] = ()
    shows: MomentName | None = None
    claims: tuple[Reading, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a lesson."""

    text: str
    at: MomentName
    look: tuple[Pointer, ...] = ()
    ask: Ask | None = None
    why: Why | None = None
    try_: Try | None = None
    claims: tuple[Reading, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson.

    Attributes:
        path: its file; `source` lies beside it, and so does `check_source`.
        number: its place in the course, 0 for none.
        picture: the moment that its card in the gallery shows.
        check: three questions, asked of a run with a fresh seed.
        moments: names of the lesson's own for moments.
    """

    path: Path
    id: str
    title: str
    summary: str
    minutes: int
    number: int
    course: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    languages: tuple[str, ...]
    source: Path
    check_source: Path
    picture: MomentName
    steps: tuple[Step, ...]
    check: tuple[Step, ...]
    moments: dict[str, str] = field(default_factory=dict)

    @property
    def recording(self) -> Path:
        """Where the stored recording of the script lies, for lessons that come with the app."""
        return self.path.with_suffix(".gvrec")
