"""The glossary: all terms, found by id, by a word of a script, or by searching."""

from __future__ import annotations

import re
from functools import cache

from . import app, backward, tensors, training
from .term import Term

WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@cache
def every() -> tuple[Term, ...]:
    """All terms in the order of the alphabet."""
    rows = (*tensors.TERMS, *backward.TERMS, *training.TERMS, *app.TERMS)
    return tuple(sorted(rows, key=lambda term: term.title.lstrip(".").lower()))


@cache
def _by_id() -> dict[str, Term]:
    return {term.id: term for term in every()}


@cache
def _by_word() -> dict[str, Term]:
    """Each spelling, in small letters, with the term that means it; a term's own title comes before what others call it."""
    found: dict[str, Term] = {}
    for term in every():
        for word in (term.id, term.title, term.title.removesuffix("()")):
            if word:
                found.setdefault(word.lower(), term)
    for term in every():
        for word in term.words:
            found.setdefault(word.lower(), term)
    for term in every():
        name = term.torch.rpartition(".")[2].lower()
        if name:
            found.setdefault(name, term)
    return found


def find(term_id: str) -> Term | None:
    """The term with that id."""
    return _by_id().get(term_id)


def of_word(word: str) -> Term | None:
    """The term that a word or an identifier means."""
    key = word.strip().lower()
    return _by_word().get(key) or _by_word().get(key.rstrip("_").lstrip("."))


def of_line(line: str, column: int) -> Term | None:
    """The term for a place of a script: the word there (in a comment too), else the first of the line's code that means something."""
    code = line.split("#")[0]
    here = next((_of_code(line, word) for word in WORD.finditer(line) if word.start() <= column <= word.end()), None)
    return here or next((term for term in (_of_code(code, word) for word in WORD.finditer(code)) if term is not None), None)


def _of_code(code: str, word: re.Match[str]) -> Term | None:
    """What an identifier means where it stands: `data` is a name like any other, `x.data` is not."""
    dotted = code[: word.start()].endswith(".")
    term = of_word(word.group())
    return None if term is not None and term.title.startswith(".") and not dotted else term


def search(wanted: str) -> tuple[Term, ...]:
    """The terms that fit what was typed, best first; all for nothing."""
    words = wanted.lower().split()
    if not words:
        return every()
    ranked = []
    for place, term in enumerate(every()):
        scores = [_score(term, word) for word in words]
        if all(scores):
            ranked.append((-sum(scores), place, term))
    return tuple(term for _, _, term in sorted(ranked, key=lambda row: row[:2]))


def _score(term: Term, word: str) -> int:
    """How well a word fits: its name, another spelling, the text."""
    names = (term.title.lower(), term.id)
    if word in names:
        return 12
    if any(name.startswith(word) for name in names):
        return 8
    if any(word in name for name in names):
        return 6
    others = [other.lower() for other in (*term.words, term.torch)]
    if word in others:
        return 5
    if any(word in other for other in others):
        return 3
    return 1 if word in term.text.lower() else 0
