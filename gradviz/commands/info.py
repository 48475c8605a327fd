"""`gradviz info OUT.gvrec`: what a recording holds, in numbers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.add_argument("file", metavar="FILE.gvrec", help="a recording; nothing in it is run")
    parser.add_argument("--json", action="store_true")


def run(wanted: argparse.Namespace) -> int:
    """Print events by kind, steps, sites, sizes."""
    from ..recording.file.gvrec import load
    from ..recording.summary import info

    told = {**info(load(wanted.file)), "size": Path(wanted.file).stat().st_size}
    if wanted.json:
        print(json.dumps(told))
        return 0
    for key, value in told.items():
        if isinstance(value, dict):
            print(f"{key}:")
            for name, count in value.items():
                print(f"    {name:<20}{count}")
        else:
            print(f"{key + ':':<20}{value}")
    return 0
