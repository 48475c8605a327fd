"""A term as a page: what it means, PyTorch's word for it, its neighbours."""

from __future__ import annotations

import re
from html import escape

from gradviz.glossary import book
from gradviz.glossary.term import Term

from ..style.theme import FONT_PX, TITLE_PX, Theme

SCHEME = "term"


def page(term: Term, theme: Theme) -> str:
    """The page as rich text; links are "term:<id>" or addresses."""
    text = re.sub(r"`([^`]+)`", rf'<code style="color:{theme.value}">\1</code>', escape(term.text))
    parts = [
        f'<h3 style="margin:0 0 6px 0; font-size:{TITLE_PX + 2}px; color:{theme.text}">{escape(term.title)}</h3>',
        f'<p style="margin:0 0 8px 0; font-size:{FONT_PX + 1}px; color:{theme.text}">{text}</p>',
    ]
    if term.url:
        name = escape(term.torch or "PyTorch’s page on it")
        parts.append(f'<p style="margin:0 0 4px 0; color:{theme.muted}">In PyTorch: {_link(term.url, name, theme)}</p>')
    near = [found for found in map(book.find, term.see) if found is not None]
    if near:
        links = ", ".join(_link(f"{SCHEME}:{found.id}", escape(found.title), theme) for found in near)
        parts.append(f'<p style="margin:0; color:{theme.muted}">See also: {links}</p>')
    return "".join(parts)


def _link(address: str, words: str, theme: Theme) -> str:
    return f'<a href="{escape(address, quote=True)}" style="color:{theme.selection}">{words}</a>'
