"""The glossary as a page of docs/: `python -m gradviz.glossary.markdown > docs/glossary.md`."""

from __future__ import annotations

from . import book
from .term import Term


def as_markdown() -> str:
    """All terms, one a paragraph."""
    head = "# Glossary\n\nThe words of gradviz, as the app's glossary has them (made by `python -m gradviz.glossary.markdown`).\n"
    return head + "".join(f"\n{_paragraph(term)}\n" for term in book.every())


def _paragraph(term: Term) -> str:
    link = f" PyTorch: [{term.torch or 'notes'}]({term.url})." if term.url else ""
    return f"**{term.title}**: {term.text}{link}"


if __name__ == "__main__":
    print(as_markdown(), end="")
