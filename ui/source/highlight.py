"""Colours of Python text, by pygments, loaded with the first text."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from ..style.theme import Theme


class Highlighter(QSyntaxHighlighter):
    """Lexes the whole text when it changes (a script is short) and colours its lines from the result.

    Lexing line by line would not know that a line stands inside a multi-line string.
    """

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._text: str | None = None
        self._spans: list[list[tuple[int, int, str]]] = []
        self._lexer: Any = None

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.rehighlight()

    def _lex(self, text: str) -> None:
        if self._lexer is None:
            from pygments.lexers.python import PythonLexer

            self._lexer = PythonLexer(stripnl=False, ensurenl=False)
        lines: list[list[tuple[int, int, str]]] = [[]]
        column = 0
        for token, value in self._lexer.get_tokens(text):
            role = _role(str(token))
            for k, part in enumerate(value.split("\n")):
                if k:
                    lines.append([])
                    column = 0
                if part and role:
                    lines[-1].append((column, len(part), role))
                column += len(part)
        self._spans, self._text = lines, text

    def highlightBlock(self, text: str) -> None:
        whole = self.document().toPlainText()
        if whole != self._text:
            self._lex(whole)
        number = self.currentBlock().blockNumber()
        if number < len(self._spans):
            for start, length, role in self._spans[number]:
                form = QTextCharFormat()
                form.setForeground(QColor(self._theme.syntax[role]))
                self.setFormat(start, length, form)


def _role(token: str) -> str:
    for start, role in (
        ("Token.Keyword", "keyword"), ("Token.Operator.Word", "keyword"), ("Token.Literal.String", "string"), ("Token.Literal.Number", "number"),
        ("Token.Comment", "comment"), ("Token.Name.Builtin", "builtin"), ("Token.Name.Function", "builtin"), ("Token.Name.Class", "builtin"),
    ):  # fmt: skip
        if token.startswith(start):
            return role
    return ""
