"""GlossaryPanel: the words of the field, to search and to be sent to by F1 and by links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from gradviz.glossary import book
from gradviz.glossary.term import Term

from .page import SCHEME, page

if TYPE_CHECKING:
    from ..bridge import Bridge

FIRST = "autograd"
WIDE = 480  # pixels: list and page beside each other
LIST_WIDTH = 260
QWIDGETSIZE_MAX = (1 << 24) - 1  # Qt's word for no limit


class GlossaryPanel(QWidget):
    """A list that narrows while one types, and the page of one term."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("glossary")
        self.setAccessibleName("Glossary")
        self._bridge = bridge
        self.term: Term | None = None
        self._past: list[Term] = []
        self.line = QLineEdit(self)
        self.line.setObjectName("glossary_search")
        self.line.setAccessibleName("Search the glossary")
        self.line.setPlaceholderText("Search: grad_fn, why add, clipping…")
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._narrow)
        self.line.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setObjectName("glossary_terms")
        self.list.setAccessibleName("Terms")
        self.list.setMinimumWidth(130)
        self.list.currentItemChanged.connect(self._chosen)
        self.page = QTextBrowser(self)
        self.page.setObjectName("glossary_page")
        self.page.setAccessibleName("What the term means")
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(self._follow)
        self.back = QPushButton("Back", self)
        self.back.setObjectName("glossary_back")
        self.back.setAccessibleName("Back to the term before")
        self.back.clicked.connect(self.go_back)
        head = QHBoxLayout()
        head.addWidget(self.line, 1)
        head.addWidget(self.back)
        left = QVBoxLayout()
        left.addLayout(head)
        left.addWidget(self.list, 1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(8, 6, 8, 6)
        self._row.setSpacing(10)
        self._row.addLayout(left, 2)
        self._row.addWidget(self.page, 4)
        bridge.theme_changed.connect(self._show)
        self._narrow("")
        self.open(book.find(FIRST), remember=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """List and page beside each other in a low panel, below each other in a high one."""
        high = self.width() < WIDE
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if high else QBoxLayout.Direction.LeftToRight)
        self.list.setMaximumSize(QWIDGETSIZE_MAX if high else LIST_WIDTH, QWIDGETSIZE_MAX)
        super().resizeEvent(event)

    # -- terms ------------------------------------------------------------------------------------------------

    def open(self, term: Term | None, remember: bool = True) -> None:
        """Show the page of a term, which need not be in the list."""
        if term is None:
            return
        if remember and self.term is not None and term.id != self.term.id:
            self._past.append(self.term)
        self.term = term
        self._mark()
        self._show()

    def go_back(self) -> None:
        """The term before."""
        if self._past:
            self.open(self._past.pop(), remember=False)

    def shown(self) -> list[str]:
        """The ids in the list."""
        return [str(self.list.item(k).data(Qt.ItemDataRole.UserRole)) for k in range(self.list.count())]

    def _narrow(self, wanted: str) -> None:
        found = book.search(wanted)
        self.list.blockSignals(True)
        self.list.clear()
        for term in found:
            item = QListWidgetItem(term.title)
            item.setData(Qt.ItemDataRole.UserRole, term.id)
            self.list.addItem(item)
        self.list.blockSignals(False)
        if wanted and found:
            self.open(found[0], remember=False)
        elif wanted:
            self.page.setPlainText(f"No term has “{wanted}” in it. Try a shorter word.")
        self._mark()

    def _mark(self) -> None:
        """The term of the page is the chosen one of the list."""
        ids = self.shown()
        self.list.blockSignals(True)
        self.list.setCurrentRow(ids.index(self.term.id) if self.term is not None and self.term.id in ids else -1)
        self.list.blockSignals(False)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.open(book.find(str(item.data(Qt.ItemDataRole.UserRole))))

    def _follow(self, address: QUrl) -> None:
        if address.scheme() == SCHEME:
            self.open(book.find(address.path()))
        else:
            QDesktopServices.openUrl(address)

    def _show(self) -> None:
        self.back.setEnabled(bool(self._past))
        if self.term is not None:
            self.page.setHtml(page(self.term, self._bridge.theme))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys in the search line walk through the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
                return True
        return False
