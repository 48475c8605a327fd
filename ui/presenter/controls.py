"""The controls of a presentation: a strip that comes when the mouse moves and goes when it rests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from ..style.icons import icon
from ..style.theme import ui_font
from .canvas import StageCanvas
from .sheet import Sheet
from .trying import TryBar


class Performance(Protocol):
    """What is controlled: a stage, with all that a presenter may want of it."""

    canvas: StageCanvas
    sheet: Sheet
    bar: TryBar
    playing: bool

    def step(self, command: str) -> None:
        """Move by a command of the session."""

    def toggle_play(self) -> None:
        """Step by itself, or no more."""

    def change_speed(self, faster: bool) -> None:
        """Slower or faster."""

    def toggle_whole(self) -> None:
        """All of the graph, or what the step is about."""

    def next_picture(self) -> None:
        """Another picture of an idea."""

    def turn_page(self, delta: int) -> None:
        """On or back in the lesson."""

    def turn_knob(self, ways: int) -> None:
        """The lesson's knob up or down."""

    def toggle_ring(self) -> None:
        """A ring around the pointer."""

    def toggle_pen(self) -> None:
        """Draw, or point."""

    def next_pen(self) -> None:
        """Another colour."""

    def turn_theme(self) -> None:
        """Dark or light."""

    def next_screen(self) -> None:
        """To another screen."""

    def toggle_blank(self) -> None:
        """Nothing to be seen, or all again."""

    def leave(self) -> None:
        """Back to the window."""


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that the stage does: its keys, its button, its words."""

    id: str
    keys: tuple[Qt.Key, ...]
    told: str  # the keys in words
    words: str
    icon: str  # "" for a text
    calls: Callable[[Performance], object]
    text: str = ""
    checked: Callable[[Performance], bool] | None = None


K = Qt.Key
NEXT_KEYS = (K.Key_PageDown, K.Key_Right, K.Key_Space, K.Key_Return, K.Key_Enter)
CONTROLS: tuple[Control, ...] = (
    Control("back", (K.Key_PageUp, K.Key_Left, K.Key_Backspace), "Page Up", "A step back", "previous", lambda s: s.step("back_into")),
    Control("next", NEXT_KEYS, "Page Down", "A step on", "next", lambda s: s.step("step_into")),
    Control("play", (K.Key_P,), "P", "Play or pause", "play", lambda s: s.toggle_play(), checked=lambda s: s.playing),
    Control("start", (K.Key_Home,), "Home", "To the start", "start", lambda s: s.step("to_start")),
    Control("end", (K.Key_End,), "End", "To the end", "end", lambda s: s.step("to_end")),
    Control("slower", (K.Key_Minus, K.Key_Down), "−", "Slower", "slower", lambda s: s.change_speed(False)),
    Control("faster", (K.Key_Plus, K.Key_Equal, K.Key_Up), "+", "Faster", "faster", lambda s: s.change_speed(True)),
    Control("whole", (K.Key_O,), "O", "All, or what the step is about", "fit", lambda s: s.toggle_whole(), "", lambda s: s.canvas.whole),
    Control("picture", (K.Key_I,), "I", "Pictures of ideas, one after the other", "", lambda s: s.next_picture(), "Picture"),
    Control("page_back", (K.Key_K,), "K", "Page before in the lesson", "", lambda s: s.turn_page(-1)),
    Control("page", (K.Key_L,), "L", "Next page of the lesson", "lesson", lambda s: s.turn_page(1)),
    Control("less", (K.Key_Q,), "Q", "Turn the lesson's knob down", "", lambda s: s.turn_knob(-1)),
    Control("more", (K.Key_W,), "W", "Turn the lesson's knob up", "", lambda s: s.turn_knob(1)),
    Control("knob", (K.Key_A,), "A", "The lesson's next knob", "", lambda s: s.bar.next_knob()),
    Control("try", (K.Key_G,), "G", "Try what the lesson suggests", "", lambda s: s.bar.go()),
    Control("ring", (K.Key_R,), "R", "Pointer ring", "breakpoint", lambda s: s.toggle_ring(), checked=lambda s: s.sheet.ring_on),
    Control("pen", (K.Key_D,), "D", "Draw with the mouse", "", lambda s: s.toggle_pen(), "Pen", lambda s: s.sheet.pen_out),
    Control("colour", (K.Key_N,), "N", "Next colour of the pen", "", lambda s: s.next_pen(), "Colour"),
    Control("undo", (K.Key_U,), "U, Ctrl+Z", "Take the last stroke back", "undo", lambda s: s.sheet.undo()),
    Control("clear", (K.Key_C, K.Key_Delete), "C", "Wipe all strokes", "", lambda s: s.sheet.clear(), "Clear"),
    Control("theme", (K.Key_T,), "T", "Dark or light", "theme", lambda s: s.turn_theme()),
    Control("screen", (K.Key_S,), "S", "To the next screen", "", lambda s: s.next_screen(), "Screen"),
    Control("blank", (K.Key_B, K.Key_Period), "B", "Blank the screen", "", lambda s: s.toggle_blank(), "Blank"),
    Control("leave", (K.Key_Escape, K.Key_F5), "Escape", "Back to the window", "quit", lambda s: s.leave()),
)  # fmt: skip


class ControlStrip(QFrame):
    """Buttons for the hand that holds the mouse; the keys stand in their tooltips."""

    def __init__(self, stage: Performance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stage_controls")
        self.setAccessibleName("Controls of the presentation")
        self._stage = stage
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(4)
        for control in CONTROLS:
            if not (control.icon or control.text):
                continue  # by its key only
            button = self._button(control)
            row.addWidget(button)
            self.buttons[control.id] = button
        self.restyle()

    def _button(self, control: Control) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"stage_{control.id}")
        button.setText(control.text or control.words)
        button.setAccessibleName(control.words)
        button.setToolTip(f"{control.words}  ({control.told})")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Space and Return step
        button.setCheckable(control.checked is not None)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly if control.icon else Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.clicked.connect(self._clicked)
        return button

    def _clicked(self) -> None:
        sender = self.sender()
        name = sender.objectName().removeprefix("stage_") if isinstance(sender, QWidget) else ""
        found = next((c for c in CONTROLS if c.id == name), None)
        if found is not None:
            found.calls(self._stage)
            self.refresh()

    def restyle(self) -> None:
        """Icons and letters for the theme and the screen."""
        stage = self._stage
        theme, size = stage.canvas.look, stage.canvas.sizes
        side = round(size.text * 0.95)
        for control in CONTROLS:
            if control.id not in self.buttons:
                continue
            button = self.buttons[control.id]
            button.setFont(ui_font(round(size.text * 0.56), bold=True))
            button.setIconSize(QSize(side, side))
            name = "pause" if control.id == "play" and stage.playing else control.icon
            if name:
                button.setIcon(icon(name, theme, side))
        self.setStyleSheet(
            f"#stage_controls {{ background: {theme.raised}; border: 2px solid {theme.border}; border-radius: 12px }}"
            f" QToolButton {{ color: {theme.text}; padding: 4px; border-radius: 8px }}"
            f" QToolButton:checked {{ background: {theme.surface}; border: 2px solid {theme.current} }}"
            f" QToolButton:hover {{ background: {theme.surface} }}"
        )
        self.adjustSize()
        self.refresh()

    def refresh(self) -> None:
        """What is on."""
        for control in CONTROLS:
            if control.checked is not None:
                self.buttons[control.id].setChecked(control.checked(self._stage))
