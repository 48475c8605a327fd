"""What an answer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

QUESTIONS = {
    "parts": "What is its gradient made of?",
    "paths": "By which paths did it come?",
    "why": "Why this value?",
    "wrote": "Who wrote its value?",
    "wrote_grad": "Who wrote its gradient?",
    "wrote_state": "Who wrote the optimizer's state of it?",
    "read": "Who read its value?",
    "why_not": "Why has it no gradient?",
    "nan": "Where does the nan come from?",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a gradient.

    Attributes:
        label: where it came from, in a few words.
        array: the share: all parts of a gradient sum to it.
        nodes: the path to light, from where it came to the node that was asked about.
        event: where it arrived.
    """

    label: str
    array: Array
    nodes: tuple[int, ...]
    event: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: a sentence, a path lit on the canvas, events to click.

    Attributes:
        nodes, edges: what to light; an edge is (source, target).
        events: (event, words).
        parts: of a gradient, empty for other questions.
    """

    question: str
    sentence: str
    nodes: tuple[int, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    events: tuple[tuple[int, str], ...] = ()
    parts: tuple[Part, ...] = ()
