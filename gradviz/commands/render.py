"""What `gradviz render FILE -o OUT` understands; `ui` paints."""

from __future__ import annotations

import argparse

from .values import THEMES, event, size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.epilog = "The ending of OUT says what is wanted: a picture of the graph at a moment, or (.gif, .mp4) a film that ends there."
    parser.add_argument("file", help="a script (.py) or a graph (.gradviz), which is run, or a recording (.gvrec)")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.svg|png|pdf|gif|mp4")
    parser.add_argument("--at", type=event, default=None, metavar="EVENT", help="the moment, as the timeline counts; the last one")
    parser.add_argument("--theme", choices=THEMES, default="dark")
    parser.add_argument("--size", type=size, default=None, metavar="WxH", help="pixels; a picture's own size, a film's 1280x720")
