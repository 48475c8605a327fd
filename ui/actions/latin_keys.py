"""Shortcuts for keyboards without Latin letters: what the key at the place of F calls on an American keyboard, it calls on a Russian one.

Where a keyboard can be switched to Latin letters, Qt looks for the Latin letter of a key by itself. Where a Russian, Greek, Hebrew or
Arabic layout is the only one there is none to be found (QTBUG-62102; measured: Qt 6.11 under X11), and no shortcut with a letter
can be pressed. So a key press that Qt found no shortcut for is looked at once more, by the place of its key.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QWindow
from PySide6.QtWidgets import QApplication, QDockWidget, QMenu, QWidget

OTHERS = 0x370  # where the other alphabets begin, with Greek
COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
# What an American keyboard has at each place, by the number that the system gives the place (a blank: no letter, digit or mark).
_X11 = {
    first + k: sign
    for first, row in ((10, "1234567890-="), (24, "QWERTYUIOP[]"), (38, "ASDFGHJKL;'`"), (51, "\\ZXCVBNM,./"))
    for k, sign in enumerate(row)
}
_MAC = dict(enumerate("ASDFHGZXCV BQWERYT123465=97-80]OU[IP LJ'K;\\,/NM.  `"))
_WINDOWS = {ord(sign): sign for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"} | dict(
    zip((0xBA, 0xBB, 0xBC, 0xBD, 0xBE, 0xBF, 0xC0, 0xDB, 0xDC, 0xDD, 0xDE), ";=,-./`[\\]'", strict=True)
)


class LatinKeys(QObject):
    """Watches the window that has the focus."""

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        self._foreign = False  # whether the last letter was of another alphabet; then marks on the places of letters are, too
        app.focusWindowChanged.connect(self._watch)
        self._watch(app.focusWindow())

    def _watch(self, window: QWindow | None) -> None:
        # PySide has now and then given another object that once lay at the same address
        if isinstance(window, QWindow):
            window.installEventFilter(self)  # once, however often it is asked for

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        sign = self._latin(event)
        popup = QApplication.activePopupWidget()
        focus = (popup.focusWidget() or popup) if popup is not None else QApplication.focusWidget()
        return bool(sign) and focus is not None and not isinstance(popup, QMenu) and _press(focus, event, sign)

    def _latin(self, event: QKeyEvent) -> str:
        """The Latin letter (digit, mark) at the place of a key that types none, "" for others."""
        key = event.key()
        if not 0x20 < key < 0x110000 or event.modifiers() & Qt.KeyboardModifier.GroupSwitchModifier:
            return ""
        text = event.text()[:1]
        typed = text if text.isprintable() and text else chr(key)  # the key of µ is the capital letter of a Greek m
        sign = place(QGuiApplication.platformName(), event.nativeScanCode(), event.nativeVirtualKey())
        if typed.isalpha():
            self._foreign = is_foreign(typed)
        return sign if is_foreign(typed) or (self._foreign and sign.isalpha() and not typed.isalnum()) else ""


def install(app: QGuiApplication) -> None:
    """Let an application have shortcuts on all keyboards; once."""
    if app.findChild(LatinKeys) is None:
        LatinKeys(app)


def is_foreign(character: str) -> bool:
    """Whether a character is a letter, an accent or a digit of another alphabet than the Latin one."""
    return ord(character) >= OTHERS and unicodedata.category(character)[0] in "LMN" and "LATIN" not in unicodedata.name(character, "LATIN")


def place(platform: str, scan_code: int, virtual_key: int) -> str:
    """What an American keyboard has at a place, "" for no letter, digit or mark."""
    if platform == "windows":
        return _WINDOWS.get(virtual_key, "")
    if platform == "cocoa":
        return _MAC.get(virtual_key, "").strip()
    return _X11.get(scan_code, "")  # X11 and Wayland number places alike


def _press(focus: QWidget, event: QKeyEvent, sign: str) -> bool:
    """Press the Latin key instead, as Qt does it: the widget may want it for itself, else an action has it, else the widget is told."""
    key, modifiers = Qt.Key(ord(sign)), event.modifiers()
    text = "" if modifiers & COMMANDS else event.text()
    if text and _wanted(focus, QKeyEvent(QEvent.Type.ShortcutOverride, event.key(), modifiers, text)):
        return False  # it is typed
    if not _wanted(focus, QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)):
        action = next(_called(focus, QKeySequence(QKeyCombination(modifiers & ~Qt.KeyboardModifier.KeypadModifier, key))), None)
        if action is not None:
            action.trigger()
            return True
    QApplication.sendEvent(focus, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text, event.isAutoRepeat()))
    return True


def _wanted(focus: QWidget, asking: QKeyEvent) -> bool:
    asking.ignore()
    QApplication.sendEvent(focus, asking)
    return asking.isAccepted()


def _called(focus: QWidget, keys: QKeySequence) -> Iterator[QAction]:
    """The actions that keys call where the focus is: of the widgets around it, and of the window."""
    widget: QWidget | None = focus
    while widget is not None:
        yield from (a for a in widget.actions() if a.isEnabled() and keys in a.shortcuts())
        if widget.isWindow() and not (isinstance(widget, QDockWidget) and widget.isFloating()):
            return
        widget = widget.parentWidget()
