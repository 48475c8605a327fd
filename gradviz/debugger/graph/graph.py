"""The graph of a recording: one node a site, edges from what its first run read. It costs one look per site, not per event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Event, Kind, Site
from ..scene import Graph, GraphEdge, GraphFrame, GraphNode, NodeKind
from ..trace.custom_functions import inside
from ..words.names import node_title, output_names

_TURN = 128  # sites whose edges are found in one turn: some 5 ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...recording.recording import Recording
    from ..trace.columns import Columns
    from ..trace.trace import Trace


def build_graph(recording: Recording, columns: Columns, trace: Trace) -> Graph:
    """All nodes, edges and no_grad frames so far, in order of first execution."""
    for _ in read_ahead(recording, trace):
        pass
    first, order, _ = _order(recording, trace)
    roots = loss_sites(columns)
    edges = [edge for site in order for edge in trace.edges[site]]
    read = {edge.source for edge in edges}
    # What fills a tensor from nothing (an initialization, clipping) is no computation: it shows in the tensor that it fills.
    order = [site for site in order if recording.sites[site].role != "inplace" or trace.edges[site] or site in read]
    frames, frame_of = _frames(columns, trace, {site: first[site] for site in order if recording.sites[site].role != "bucket"})
    groups = components(order, edges)
    nodes = tuple(
        _node(trace, recording.sites[site], trace.event(first[site]), site in roots, frame_of.get(site, -1), groups[site]) for site in order
    )
    return Graph(nodes, tuple(edges), frames)


def read_ahead(recording: Recording, trace: Trace) -> Iterator[None]:
    """Find the edges of the sites that are new since the graph was last built, a few in a turn: what makes a large graph slow.

    Which edges lead into a site is said by what it read when it first ran, so they stay when the recording grows.
    """
    first, order, rank = _order(recording, trace)
    new = [site for site in order if site not in trace.edges]
    for start in range(0, len(new), _TURN):
        sites = new[start : start + _TURN]
        trace.open(np.array(sorted({first[site] for site in sites}), np.int64))
        for site in sites:
            trace.edges[site] = _edges_into(trace, recording.sites[site], first[site], rank)
        yield


def _order(recording: Recording, trace: Trace) -> tuple[dict[int, int], list[int], dict[int, int]]:
    """The event that first ran each site, the sites in that order, and their ranks."""
    # What a user changed by hand is no computation: it shows in the tensor that it changed.
    sites = (site for site in recording.sites if site.op != "what_if")
    first = {site.index: trace.made[site.index][0] for site in sites if trace.made[site.index]}
    # A bucket follows its leaf, and what one event makes stands in order of the sites.
    order = sorted(first, key=lambda site: (first[site], recording.sites[site].role == "bucket", site))
    return first, order, {site: number for number, site in enumerate(order)}


def loss_sites(columns: Columns) -> frozenset[int]:
    """The sites of the roots of all backward passes."""
    seeds = columns.site[columns.kind == int(Kind.SEED)]
    return frozenset(seeds[seeds >= 0].tolist())


def _node(trace: Trace, site: Site, event: Event, is_root: bool, frame: int, group: int) -> GraphNode:
    is_leaf = site.role == "leaf"
    if site.role == "bucket":
        kind, tracked = NodeKind.BUCKET, False
    elif is_leaf:
        tracked = _ever_required_grad(trace, site)
        kind = NodeKind.PARAMETER if tracked else NodeKind.LEAF
    else:
        tracked = trace.has_history(event)
        kind = NodeKind.LOSS if is_root else NodeKind.OP if tracked else NodeKind.NO_GRAD
    output = event.writes[0].value if event.writes else -1
    shape, dtype = trace.recording.form(output) if output >= 0 else ((), "")
    return GraphNode(
        id=site.index,
        kind=kind,
        title=node_title(trace, site),
        op=site.op,
        grad_fn=site.grad_fn,
        shape=shape,
        dtype=dtype,
        line=site.line,
        requires_grad=tracked,
        is_leaf=is_leaf,
        frame=frame,
        group=group,
        outputs=output_names(trace, event),
    )


def _ever_required_grad(trace: Trace, site: Site) -> bool:
    """Whether a leaf was made with requires_grad, or got it later (looked up for its first and its latest tensor)."""
    if site.index in trace.bucket_of:
        return True
    for row in {int(trace.made[site.index][0]), int(trace.made[site.index][-1])}:
        event = trace.event(row)
        if event.detail.get("requires_grad"):
            return True
        if not event.writes:
            continue
        flag = trace.location("flag", trace.tensor_of(event.writes[0].location))
        if any(trace.event(int(change)).detail["value"] for change in trace.writes(flag)):
            return True
    return False


def _edges_into(trace: Trace, site: Site, row: int, rank: dict[int, int]) -> list[GraphEdge]:
    """The edges of what one event read, leaving out what came from a later site.

    A value carried from one step into the next (a hidden state) would close a circle: drawn are the reads within a step.
    """
    if site.role == "bucket":
        return [GraphEdge(trace.leaf_of[site.index], site.index, 0, "bucket")]
    event = trace.event(row)
    edges = []
    ports = event.detail.get("ports") or range(len(event.reads))
    for port, ref in zip(ports, event.reads, strict=False):
        source = trace.producer(ref.location, row)
        if source < 0 or source == site.index or rank.get(source, len(rank)) > rank[site.index]:
            continue
        edges.append(
            GraphEdge(
                source, site.index, int(port), edge_kind(trace, event, int(port), ref.location), _output(trace, source, ref.location, row)
            )
        )
    return edges


def _output(trace: Trace, source: int, location: int, row: int) -> int:
    """Which output of its source an event read."""
    made = trace.latest_made(source, row)
    return trace.output(made, location) if made is not None else 0


def edge_kind(trace: Trace, event: Event, port: int, location: int) -> str:
    """Whether a gradient flows where an event read a val location: "grad", "cut" where it stops here, "plain" where there is none."""
    if not trace.requires_grad(location, event.index - 1):
        return "plain"
    if event.kind == Kind.DETACH:
        return "cut"
    if not trace.has_history(event):
        return "plain" if inside(trace, event) else "cut"
    following = event.detail.get("next")
    return "plain" if following is not None and port < len(following) and following[port] is None else "grad"


def _frames(columns: Columns, trace: Trace, first: dict[int, int]) -> tuple[tuple[GraphFrame, ...], dict[int, int]]:
    """The blocks without grad mode that sites first ran in; the same block of the next epoch is the same frame."""
    inside: dict[tuple[str, int], list[int]] = {}
    blocks = _enclosing_blocks(columns, trace, first)
    for site, enter in blocks.items():
        event = trace.event(enter)
        inside.setdefault((str(event.detail.get("mode", "no_grad")), event.line), []).append(site)
    frames = tuple(GraphFrame(label, tuple(sites), line) for (label, line), sites in inside.items())
    return frames, {site: number for number, frame in enumerate(frames) for site in frame.nodes}


def _enclosing_blocks(columns: Columns, trace: Trace, first: dict[int, int]) -> dict[int, int]:
    """Site -> the MODE_ENTER event of the innermost block around its first run, for blocks that switch grad mode off."""
    wanted = [(row, site) for site, row in first.items() if not trace.event(row).grad_mode]
    if not wanted:
        return {}
    enter, leave = int(Kind.MODE_ENTER), int(Kind.MODE_EXIT)
    modes = np.flatnonzero((columns.kind == enter) | (columns.kind == leave))
    kinds = columns.kind[modes].tolist()
    found: dict[int, int] = {}
    open_: list[int] = []
    at = 0
    for row, site in sorted(wanted):
        while at < len(modes) and modes[at] < row:
            if kinds[at] == enter:
                open_.append(int(modes[at]))
            elif open_:
                open_.pop()
            at += 1
        if open_:
            found[site] = open_[-1]
    return found


def components(order: list[int], edges: Sequence[GraphEdge]) -> dict[int, int]:
    """The number of each site's connected component, in order of first execution."""
    parent = {site: site for site in order}

    def find(site: int) -> int:
        while parent[site] != site:
            parent[site] = parent[parent[site]]
            site = parent[site]
        return site

    for edge in edges:
        if edge.source in parent and edge.target in parent:
            parent[find(edge.source)] = find(edge.target)
    numbers: dict[int, int] = {}
    return {site: numbers.setdefault(find(site), len(numbers)) for site in order}
