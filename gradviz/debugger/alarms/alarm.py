"""What an alarm is, and the numbers from which one is raised."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum


class Severity(IntEnum):
    """How bad it is."""

    HINT = 0
    WARNING = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Alarm:
    """One finding.

    Attributes:
        kind: "nan", "inf", "vanishing", "exploding", "zero gradient", "dead units", "saturation", "update ratio", "shrunk gradient", "stale sum",
            "frozen step", "unreached", "broadcast", "reshape", "loss at start", "lost leaf", "hidden write", "empty step", "coasting",
            "micro-batches", "left out", "thrown away", "moved twice", "squashed twice", "loss grows", "kink", "evaluation", "alike",
            "linear on linear", "over the batch", "moving target", "diverging", "schedule", "shared memory", "constant term",
            "exchanged", "one for all", "cut target", "falling", "wrong backward", "evaluation left on", "advantage", "drawn", "cut state",
            "columns mixed", "no rate", "one entry", "out of reach", "no probability", "exchanged dimensions", "other loss",
            "left behind", "made anew", "leaf root", "same noise", "changed data", "one class", "weights after the mean", "rows for columns",
            "never filled", "loaded nothing", "hooks", "forgotten state", "reverse", "straight lines", "logarithms", "masked late",
            "normalized over the batch", "normalized along", "positions of samples", "bits turned", "rows hidden", "larger of two", "reward made small", "lost in rounding", "next sample", "margin taken away", "one noise", "one temperature", "scaled late", "compared with itself", "padding counted", "wrapped around", "rectified", "classes last", "against one half",
            "inverted mask", "one sample again", "target among inputs", "targets alike", "variance", "one-sided", "heads by a view",
            "one target", "scaled apart", "best over the batch", "scaled again", "two passes", "with itself", "errors cancel", "decayed", "moved by the other", "dropped outputs", "state of the padding",
            "steps undone", "statistics left", "second on first", "one norm for all", "class ignored", "word as padding", "repeated apart",
            "entropy of choices", "clipped in parts", "small likeness", "scores may grow", "near one pushed away", "divided again",
            "filled with zero", "no probabilities", "both sides pulled", "predictions alike", "optimizer anew", "never moved" or "loss unmoved".
        title: a few words.
        sentence: what it means here, with names and numbers.
        advice: what to try.
        event: where it happened first (-1: nowhere in particular).
        nodes: the nodes to light, the first one to show.
        count: how often it happened in the recording.
        line: the line of the script to change, 0 where it is that of the event.
        subject: the node that it is about where that is not the first one (a leaf, whose gradient another layer makes small), -1 else.
        share: what part it is: of a layer's units, or an update of its parameter; 0 where it is none of these.
    """

    kind: str
    severity: Severity
    title: str
    sentence: str
    advice: str
    event: int
    nodes: tuple[int, ...]
    count: int = 1
    line: int = 0
    subject: int = -1
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on something is told; all of them can be changed in the window.

    Attributes:
        vanishing, exploding: norm of what is added to a leaf's `.grad` (TorchLens' values).
        update_low, update_high: log10 of an update's norm over its parameter's norm (makemore, part 3: about -3).
        dead_steps: so many steps in a row must a unit be zero for all samples.
        saturated: share of a tanh's or sigmoid's outputs within 3 % of its ends.
        start_factor: the first loss may be so many times log(classes).
    """

    vanishing: float = 1e-7
    exploding: float = 1e4
    update_low: float = -4.0
    update_high: float = -1.0
    dead_steps: int = 3
    saturated: float = 0.5
    start_factor: float = 1.5

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all thresholds."""
        return tuple(field.name for field in fields(cls))


LABELS = {
    "vanishing": "gradient vanishes below",
    "exploding": "gradient explodes above",
    "update_low": "update too small: log10 below",
    "update_high": "update too large: log10 above",
    "dead_steps": "dead after so many steps",
    "saturated": "saturated share above",
    "start_factor": "first loss above log(classes) times",
}  # of the form, in its order
