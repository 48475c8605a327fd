"""What the mouse does that no menu tells: rows of the page of shortcuts, to be found by searching there."""

from __future__ import annotations

from typing import NamedTuple


class Hand(NamedTuple):
    """One thing that is done by hand."""

    menu: str
    text: str
    how: str
    tip: str


_ALL, _BUILD = "Mouse", "Mouse, Build"
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
    Hand(_BUILD, "Put a node into a wire", "Drop it there", "From the list on the left"),
    Hand(_BUILD, "Edit a value, or rename", "Double-click on a node", "Of a closed group: open it; of a comment's title: other words"),
    Hand(_BUILD, "Move nodes off the grid", "Drag, then Shift", "Without Shift they stand on the grid"),
    Hand(_BUILD, "Load numbers", "Drop files", ".csv, .npy, .npz: on a tensor, or on the paper"),
)
