"""What `gradviz export FILE -o OUT` understands; `ui` writes, because some kinds are painted."""

from __future__ import annotations

import argparse

from .values import THEMES, event, scale, size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.epilog = "The ending of OUT says what is wanted: the program, a derivation, a graph, a picture, a film, a replay or a curve."
    parser.add_argument("file", help="a script (.py), graph (.gradviz) or recording (.gvrec); a lesson (.toml) for a hand-out")
    parser.add_argument("-o", "--output", "--to", required=True, metavar="OUT.py|tex|dot|html|csv|png|svg|pdf|gif|mp4")
    parser.add_argument("--at", type=event, default=None, metavar="EVENT", help="the moment, as the timeline counts; the last one")
    parser.add_argument("--from", dest="first", type=event, default=None, metavar="EVENT", help="first event of a film or replay")
    parser.add_argument("--until", dest="last", type=event, default=None, metavar="EVENT", help="its last event")
    parser.add_argument("--theme", choices=THEMES, default="light")
    parser.add_argument("--scale", type=scale, default=1.0, help="of a picture")
    parser.add_argument("--size", type=size, default=None, metavar="WxH", help="pixels; a picture's own size, a film's 1280x720")
    parser.add_argument("--transparent", action="store_true", help="a picture without ground")
    parser.add_argument("--leaf", default=None, metavar="NAME", help="whose .grad a CSV has")
