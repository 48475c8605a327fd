"""What a term of the glossary is."""

from __future__ import annotations

from dataclasses import dataclass

DOCS = "https://docs.pytorch.org/docs/stable/"


@dataclass(frozen=True, slots=True)
class Term:
    """One word.

    Attributes:
        id: stable, for links ("grad_fn").
        title: as it stands in the list.
        text: what it means, at most 90 words; `code` in backquotes.
        words: other spellings that mean it, among them the identifiers of a script.
        torch: PyTorch's own name for it, "" where it has none.
        page: the page of PyTorch's documentation on it, relative to `DOCS`.
        see: ids of neighbouring terms.
    """

    id: str
    title: str
    text: str
    words: tuple[str, ...] = ()
    torch: str = ""
    page: str = ""
    see: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where PyTorch tells of it, "" for nowhere."""
        return DOCS + self.page if self.page else ""
