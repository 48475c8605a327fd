"""What the mouse does that no menu tells, and keys that are no action: rows of the page of shortcuts, to be found by searching there."""

from __future__ import annotations

from typing import NamedTuple


class Hand(NamedTuple):
    """One thing that is done by the hands."""

    menu: str
    text: str
    how: str
    tip: str


_ALL, _BUILD, _TYPED = "Mouse", "Mouse, Build", "Keys, Build"
HANDS: tuple[Hand, ...] = (
    Hand(_ALL, "Move the paper", "Middle drag, or Space and drag", "On each canvas"),
    Hand(_ALL, "Zoom", "Wheel", "Where the mouse is; with the wheel set to scroll: Ctrl and wheel"),
    Hand(_ALL, "Select with a box", "Drag on the paper", "Shift adds to what is selected"),
    Hand(_ALL, "Select more", "Shift+Click", "Ctrl+Click takes one in or out"),
    Hand(_BUILD, "Add a node", "Double-click on the paper", "And type what it is; also Tab"),
    Hand(_BUILD, "Draw a wire", "Drag from a port", "Dropped on the paper it offers what fits"),
    Hand(_BUILD, "Take a wire off", "Drag its end away", "To another port, or to the paper"),
    Hand(_BUILD, "Cut wires with the knife", "Ctrl+Right drag", "Across them; they light up before they are cut"),
    Hand(_BUILD, "Cut the wires of a port", "Alt+Click on the port", "Of an output: all of them"),
    Hand(_BUILD, "Move all wires of an output", "Ctrl+Drag from it", "To another output"),
    Hand(_BUILD, "Add a knot", "Double-click on a wire", "To lead it round something"),
    Hand(_BUILD, "Put a node into a wire", "Drop it there", "From the list on the left, or one that has no wires yet"),
    Hand(_BUILD, "See what goes along a wire", "Point at it", "Shape, numbers, gradient; and where else the tensor goes"),
    Hand(_BUILD, "Edit a value, or rename", "Double-click on a node", "Of a closed group: open it; of a comment's title: other words"),
    Hand(_BUILD, "Drag copies of nodes", "Alt+Drag", "With the wires that come in"),
    Hand(_BUILD, "Drag further than is in sight", "Hold at the border", "The canvas goes on; the wheel zooms meanwhile"),
    Hand(_BUILD, "Move nodes off the grid", "Drag, then Shift", "Without Shift they stand on the grid"),
    Hand(_BUILD, "Load numbers", "Drop files", ".csv, .npy, .npz: on a tensor, or on the paper"),
    Hand(_TYPED, "Type a value", "A digit, - or [", "On a selected tensor, as into a cell of a spreadsheet; Enter takes it, Esc does not"),
    Hand(_TYPED, "Edit what is selected", "Return", "A tensor's value, what a node needs; of a closed group: open it"),
    Hand(_TYPED, "Delete, or close the group", "Backspace", "The selected wire or nodes; of a node in a comment: close that"),
    Hand(_TYPED, "Select the next node", "Arrow keys", "The nearest one in that direction"),
    Hand(_TYPED, "Move the selected nodes", "Shift+Arrow keys", "By a step of the grid"),
    Hand(_TYPED, "Give up", "Esc", "The drag that goes on, what is asked; else what is selected"),
)
