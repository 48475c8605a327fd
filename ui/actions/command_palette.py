"""The command palette: type some letters of an action, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ..style.theme import SMALL_PX, mono_font

KEYS = Qt.ItemDataRole.UserRole + 1
ROW_PX = 26


def score(wanted: str, text: str) -> float:
    """How well letters fit a text, in order; 0: not at all. Starts of words and neighbours count more."""
    wanted, low = wanted.lower().replace(" ", ""), text.lower()
    if not wanted:
        return 1.0
    at, total, before = 0, 0.0, -2
    for letter in wanted:
        found = low.find(letter, at)
        if found < 0:
            return 0.0
        total += 3.0 if found == 0 or low[found - 1] in " /" else 2.0 if found == before + 1 else 1.0
        before, at = found, found + 1
    return total / (1 + 0.01 * len(text))


class KeysAtTheRight(QStyledItemDelegate):
    """A row of the palette: what it does at the left, its keys in small letters at the right."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().paint(painter, option, index)
        keys = str(index.data(KEYS) or "")
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        painter.save()
        painter.setFont(mono_font(SMALL_PX))
        painter.setPen(palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.PlaceholderText))
        box = option.rect.adjusted(0, 0, -10, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, keys)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), ROW_PX)


class CommandPalette(QDialog):
    """A list of actions that narrows while one types."""

    def __init__(self, actions: list[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("command palette")
        self.setAccessibleName("Command palette")
        self._actions = actions
        blank = QPixmap(64, 64)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)  # all names stand in one column
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Type what you want to do…")
        self.line.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(KeysAtTheRight(self.list))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.resize(600, 420)
        self.line.textChanged.connect(self._narrow)
        self.line.returnPressed.connect(self._call)
        self.line.installEventFilter(self)
        self.list.itemActivated.connect(self._call)
        self.list.itemClicked.connect(self._call)
        self._narrow("")

    def _narrow(self, wanted: str) -> None:
        rows = []
        for k, action in enumerate(self._actions):
            text = action.text().replace("&", "")
            points = max(score(wanted, text), 0.7 * score(wanted, action.statusTip()))
            if points > 0:
                rows.append((-points if wanted else float(k), k, text, action))
        self.list.clear()
        for _, _, text, action in sorted(rows, key=lambda row: row[:2]):
            keys = ", ".join(s.toString() for s in action.shortcuts())
            item = QListWidgetItem(action.icon() if not action.icon().isNull() else self._blank, text)
            item.setData(KEYS, keys)
            item.setToolTip(action.statusTip())
            item.setData(Qt.ItemDataRole.UserRole, action.objectName())
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        for row in range(self.list.count()):
            if self.list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled:
                self.list.setCurrentRow(row)
                break

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
            return True
        return super().eventFilter(watched, event)

    def _call(self, *_: object) -> None:
        item = self.list.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        name = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        next(a for a in self._actions if a.objectName() == name).trigger()
