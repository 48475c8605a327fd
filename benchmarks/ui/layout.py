"""The layered layout against Graphviz' dot: seconds, and crossings of the drawn lines."""

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


def crossings(lines: list[Any]) -> int:
    """How many pairs of drawn lines cross (polylines; lines that run together do not count)."""
    starts = np.concatenate([line[:-1] for line in lines])
    stops = np.concatenate([line[1:] for line in lines])
    owner = np.repeat(np.arange(len(lines)), [len(line) - 1 for line in lines])
    total = 0
    for k in range(len(starts) - 1):
        p, q, r, s = starts[k], stops[k], starts[k + 1 :], stops[k + 1 :]
        one = _side(p, q, r) * _side(p, q, s) < -1e-9
        other = _side(r, s, p) * _side(r, s, q) < -1e-9
        total += int((one & other & (owner[k + 1 :] != owner[k])).sum())
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
        seconds, lines = peer
        yield Row(f"ui/layout of {nodes}", f"{took:.2f} s", f"{seconds:.2f} s (dot)", took / seconds, f"<= {SECONDS} s", took <= SECONDS)
        ours, theirs = crossings(made.routes), crossings(lines)
        share = ours / max(theirs, 1)
        yield Row(f"ui/crossings at {nodes}", str(ours), f"{theirs} (dot)", share, f"<= {CROSSINGS}", share <= CROSSINGS)


def dot(nodes: int, edges: Edges) -> tuple[float, list[Any]] | None:
    """Seconds that dot takes, and the lines that it draws."""
    if shutil.which("dot") is None:
        return None
    text = "digraph { rankdir=LR; node [shape=box fixedsize=true width=2.2 height=1.3];\n"
    text += "".join(f"n{k};\n" for k in range(nodes)) + "".join(f"n{s} -> n{t};\n" for s, t in edges) + "}\n"
    begun = perf_counter()
    told = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, check=True, timeout=300).stdout
    took = perf_counter() - begun
    lines = []
    for count, numbers in re.findall(r"^edge n\d+ n\d+ (\d+) (.*)$", told, re.MULTILINE):
        points = np.array([float(x) for x in numbers.split()[: 2 * int(count)]]).reshape(-1, 2)
        drawn = [points[0]]
        for at in range(0, len(points) - 1, 3):
            a, b, c, d = points[at : at + 4]
            drawn += [(1 - u) ** 3 * a + 3 * u * (1 - u) ** 2 * b + 3 * u * u * (1 - u) * c + u**3 * d for u in (0.25, 0.5, 0.75, 1.0)]
        lines.append(np.array(drawn))
    return took, lines
