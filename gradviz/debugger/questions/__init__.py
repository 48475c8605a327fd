"""Questions on a node's numbers: who wrote and read them, why they are what they are, what a gradient is made of."""

from .answer import QUESTIONS, Answer, Part
from .ask import ask, asked_of
from .provenance import by_consumer, by_path

__all__ = ["QUESTIONS", "Answer", "Part", "ask", "asked_of", "by_consumer", "by_path"]
