"""What `gradviz screenshot OUT.png` understands; `ui` grabs the window."""

from __future__ import annotations

import argparse

from .values import THEMES, event, size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.add_argument("output", metavar="OUT.png")
    parser.add_argument("--open", dest="file", default=None, metavar="FILE", help="a script, recording, graph or lesson; the first lesson")
    parser.add_argument("--at", type=event, default=None, metavar="EVENT", help="the moment, as the timeline counts")
    parser.add_argument("--theme", choices=THEMES, default="dark")
    parser.add_argument("--size", type=size, default=(1280, 800), metavar="WxH", help="of the window (1280x800)")
    parser.add_argument("--panel", default=None, metavar="NAME", help="a panel to bring to the front, by its title")
