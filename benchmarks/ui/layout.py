"""The layered layout against Graphviz' dot: seconds, and crossings of straight lines between the cards' centres."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np

from ..row import Row

SECONDS = 0.25
CROSSINGS = 1.05
Edges = list[tuple[int, int]]


def graph_of(nodes: int, seed: int = 1) -> Edges:
    """A graph like a recorded network: columns of ops, each reading one or two near ones, sometimes one far back."""
    pick = random.Random(seed)
    edges = []
    for k in range(1, nodes):
        sources = {max(0, k - pick.randint(1, 6))}
        if pick.random() < 0.35:
            sources.add(max(0, k - pick.randint(2, 12)))
        if pick.random() < 0.03:
            sources.add(pick.randrange(k))
        edges += [(s, k) for s in sorted(sources)]
    return edges


def crossings(at: Any, edges: Edges) -> int:
    """How many pairs of edges cross, drawn as straight lines; those that share an end do not count."""
    a, b = at[[s for s, _ in edges]], at[[t for _, t in edges]]
    ends = np.array(edges)
    total = 0
    for k in range(len(edges) - 1):
        p, q, r, s = a[k], b[k], a[k + 1 :], b[k + 1 :]
        apart = ~(
            (ends[k + 1 :, 0] == ends[k, 0])
            | (ends[k + 1 :, 1] == ends[k, 1])
            | (ends[k + 1 :, 0] == ends[k, 1])
            | (ends[k + 1 :, 1] == ends[k, 0])
        )
        one = _side(p, q, r) * _side(p, q, s) < 0
        other = _side(r, s, p) * _side(r, s, q) < 0
        total += int((one & other & apart).sum())
    return total


def _side(p: Any, q: Any, r: Any) -> Any:
    return (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])


def rows() -> Iterator[Row]:
    """Time at 1,000 nodes, crossings at 200."""
    from gradviz.layout import layered

    for nodes in (200, 1000):
        edges = graph_of(nodes)
        sizes = np.tile((160.0, 96.0), (nodes, 1))
        begun = perf_counter()
        made = layered(sizes, np.array(edges))
        took = perf_counter() - begun
        peer = dot(nodes, edges)
        if peer is None:
            yield Row(f"ui/layout of {nodes}", f"{took:.2f} s", "dot: not installed", None, f"<= {SECONDS} s", took <= SECONDS)
            continue
        seconds, places = peer
        yield Row(f"ui/layout of {nodes}", f"{took:.2f} s", f"{seconds:.2f} s (dot)", took / seconds, f"<= {SECONDS} s", took <= SECONDS)
        ours, theirs = crossings(made.positions + sizes / 2, edges), crossings(places, edges)
        share = ours / max(theirs, 1)
        yield Row(f"ui/crossings at {nodes}", str(ours), f"{theirs} (dot)", share, f"<= {CROSSINGS}", share <= CROSSINGS)


def dot(nodes: int, edges: Edges) -> tuple[float, Any] | None:
    """Seconds that dot takes, and where it puts the nodes."""
    if shutil.which("dot") is None:
        return None
    text = "digraph { rankdir=LR; node [shape=box fixedsize=true width=2.2 height=1.3];\n"
    text += "".join(f"n{k};\n" for k in range(nodes)) + "".join(f"n{s} -> n{t};\n" for s, t in edges) + "}\n"
    begun = perf_counter()
    told = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, check=True, timeout=300).stdout
    took = perf_counter() - begun
    places = np.zeros((nodes, 2))
    for name, x, y in re.findall(r"^node n(\d+) ([\d.e+-]+) ([\d.e+-]+)", told, re.MULTILINE):
        places[int(name)] = float(x), float(y)
    return took, places
