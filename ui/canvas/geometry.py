"""The graph as arrays: where cards stand, how edges run, what lies where. No painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from gradviz.debugger.scene import Graph, GraphFrame, GraphNode, NodeKind
from gradviz.layout import Layout, layered, split_shared

from ..style.theme import CARD_WIDTH

Array = np.ndarray[Any, Any]

CARD_SIZE = (CARD_WIDTH, 144.0)  # higher than in the editor: at the scale of a first look there is room for grad_fn above three numbers
BUCKET_SIZE = (136.0, 84.0)
BUCKET_GAP = 22.0  # between a leaf and its bucket
CHIP_SIZE = (104.0, 30.0)
JOINED_BOXES = 60  # of a no_grad block; of more, only those that follow each other are joined
SAMPLES = 33  # points along an edge at which a pulse can be
EdgeKey = tuple[int, int, int]


def card_size(node: GraphNode) -> tuple[float, float]:
    """Width and height of a node's card."""
    return BUCKET_SIZE if node.kind == NodeKind.BUCKET else CARD_SIZE


@dataclass(slots=True)
class Geometry:
    """Everything about a graph that painting and picking need.

    Attributes:
        ids: node id of each card; a chip (a further use of a shared leaf) has the id of its leaf.
        rects: (n, 4) left, top, width, height of each card.
        edges: key (source, target, port) of each edge, with the graph's edge kind.
        samples: (m, SAMPLES, 2) points along each edge from source to target.
        paths: the edges as smooth curves.
        frames: no_grad blocks with rectangles around what ran inside, and around nothing else.
    """

    graph: Graph = field(default_factory=Graph)
    nodes: list[GraphNode] = field(default_factory=list)
    ids: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    chips: int = 0
    rects: Array = field(default_factory=lambda: np.zeros((0, 4)))
    edges: list[tuple[EdgeKey, str]] = field(default_factory=list)
    samples: Array = field(default_factory=lambda: np.zeros((0, SAMPLES, 2)))
    paths: list[QPainterPath] = field(default_factory=list)
    frames: list[tuple[GraphFrame, QRectF]] = field(default_factory=list)
    layout: Layout | None = None
    row: dict[int, int] = field(default_factory=dict)  # node id -> its card (the first, for a shared leaf; of what is folded, the fold's)
    edge_row: dict[EdgeKey, int] = field(default_factory=dict)
    ported: list[int] = field(default_factory=list)  # the cards with several results

    _bounds: QRectF | None = None

    @property
    def bounds(self) -> QRectF:
        """The rectangle around everything. Hot path: some ten times a frame."""
        if self._bounds is None:
            self._bounds = around(self.rects) if len(self.rects) else QRectF()
        return QRectF(self._bounds)

    def put(self, rects: Array) -> None:
        """The cards stand somewhere else."""
        self.rects[:] = rects
        self._bounds = None

    def rect(self, node_id: int) -> QRectF:
        """The card of a node, an empty rectangle where it has none."""
        row = self.row.get(node_id)
        return QRectF() if row is None else QRectF(*self.rects[row])

    def group_rect(self, group: int) -> QRectF:
        """The rectangle around a connected component."""
        rows = [k for k, node in enumerate(self.nodes) if node.group == group]
        return around(self.rects[rows]) if rows else self.bounds

    def at(self, point: QPointF) -> int:
        """The node id at a point, -1 for none."""
        if not len(self.rects):
            return -1
        r = self.rects
        hit = (r[:, 0] <= point.x()) & (point.x() <= r[:, 0] + r[:, 2]) & (r[:, 1] <= point.y()) & (point.y() <= r[:, 1] + r[:, 3])
        found = np.flatnonzero(hit)
        return int(self.ids[found[-1]]) if len(found) else -1

    def inside(self, area: QRectF) -> tuple[int, ...]:
        """The ids of the cards that touch an area."""
        rows = np.flatnonzero(touching(self.rects, area))
        return tuple(dict.fromkeys(int(i) for i in self.ids[rows]))

    def edge_at(self, point: QPointF, reach: float) -> int:
        """The row of the nearest edge within `reach`, -1 for none."""
        if not len(self.samples):
            return -1
        distance = np.hypot(self.samples[..., 0] - point.x(), self.samples[..., 1] - point.y()).min(axis=1)
        k = int(distance.argmin())
        return k if distance[k] <= reach else -1


def around(rects: Array) -> QRectF:
    """The rectangle around rectangles."""
    left, top = rects[:, 0].min(), rects[:, 1].min()
    return QRectF(left, top, (rects[:, 0] + rects[:, 2]).max() - left, (rects[:, 1] + rects[:, 3]).max() - top)


def touching(rects: Array, area: QRectF) -> Array:
    """Which rectangles an area touches."""
    return (
        (rects[:, 0] <= area.right())
        & (rects[:, 0] + rects[:, 2] >= area.left())
        & (rects[:, 1] <= area.bottom())
        & (rects[:, 1] + rects[:, 3] >= area.top())
    )


def build(graph: Graph, direction: str, previous: Geometry | None = None, cancelled: Callable[[], bool] | None = None) -> Geometry:
    """Lay a graph out; where it only grew since `previous`, the old cards stay where they are."""
    nodes = list(graph.nodes)
    known = {node.id for node in nodes}
    kept = [e for e in graph.edges if e.source in known and e.target in known]
    hung = {e.target: e.source for e in kept if e.kind == "bucket"}  # a bucket hangs under its leaf, wherever that goes
    standing = [n for n in nodes if n.id not in hung]
    place = {node.id: k for k, node in enumerate(standing)}
    place |= {bucket: place[leaf] for bucket, leaf in hung.items()}
    laid = [k for k, e in enumerate(kept) if e.kind != "bucket"]
    pairs = np.array([(place[kept[k].source], place[kept[k].target]) for k in laid], np.int64).reshape(-1, 2)
    own = np.array([kept[k].source not in hung for k in laid], np.bool_)  # what reads a `.grad` reads no leaf
    graded = np.array([kept[k].kind == "grad" for k in laid], np.bool_)
    split = split_shared(pairs[own], np.array([n.is_leaf for n in standing], np.bool_), graded[own])
    pairs[own] = split.edges
    placed = standing + [standing[owner] for owner in split.owner.tolist()]
    sizes = np.array([card_size(n) for n in standing] + [CHIP_SIZE] * len(split.owner)).reshape(-1, 2)
    hang = BUCKET_GAP + BUCKET_SIZE[1 if direction == "LR" else 0]
    leaves = set(hung.values())
    below = np.array([hang if k < len(standing) and n.id in leaves else 0.0 for k, n in enumerate(placed)])
    ports = np.array([kept[k].port for k in laid], np.int64)
    groups = np.array([n.group for n in placed], np.int64)
    earlier = previous.layout if previous is not None and _grew(previous, graph, len(split.owner), direction) else None
    if earlier is not None:
        from gradviz.layout.insert import insert

        layout = insert(earlier, sizes, pairs, ports=ports, below=below)
    else:
        layout = layered(sizes, pairs, direction=direction, groups=groups, ports=ports, below=below, cancelled=cancelled)
    stand = np.concatenate([layout.positions, sizes], axis=1) if len(placed) else np.zeros((0, 4))
    cards = nodes + placed[len(standing) :]
    rects = np.zeros((len(cards), 4))
    for k, node in enumerate(nodes):
        rects[k] = hanging(stand[place[node.id]], direction) if node.id in hung else stand[place[node.id]]
    rects[len(nodes) :] = stand[len(standing) :]
    made = Geometry(
        graph, cards, np.array([n.id for n in cards], np.int64), len(split.owner), rects,
        [((e.source, e.target, e.port), e.kind) for e in kept], layout=layout,
    )  # fmt: skip
    made.ported = [k for k, n in enumerate(nodes) if n.outputs]
    made.row = {n.id: k for k, n in reversed(list(enumerate(nodes)))}
    made.edge_row = {key: k for k, (key, _) in enumerate(made.edges)}
    made.row |= {node: made.row[fold.node] for fold in graph.folds for node in fold.nodes if fold.node in made.row}
    made.edge_row |= {key: made.edge_row[drawn] for key, drawn in graph.merged if drawn in made.edge_row}
    routes: list[Array] = [np.zeros((2, 2))] * len(kept)
    for k, way in zip(laid, layout.routes, strict=True):
        routes[k] = way
        if kept[k].source in hung:
            routes[k] = np.concatenate([side(rects[made.row[kept[k].source]], direction)[None], way[1:]])
    for k, edge in enumerate(kept):
        if edge.kind == "bucket":
            routes[k] = drop(rects[made.row[edge.source]], rects[made.row[edge.target]], direction)
    _from_ports(made, routes, [edge.output for edge in kept], direction)
    route(made, routes, direction)
    return made


def hanging(leaf: Array, direction: str) -> Array:
    """The place of a bucket: under its leaf; beside it where the graph runs from top to bottom."""
    left, top, width, height = leaf.tolist()
    if direction == "LR":
        return np.array([left + (width - BUCKET_SIZE[0]) / 2, top + height + BUCKET_GAP, *BUCKET_SIZE])
    return np.array([left + width + BUCKET_GAP, top + (height - BUCKET_SIZE[1]) / 2, *BUCKET_SIZE])


def side(rect: Array, direction: str) -> Array:
    """Where edges leave a card."""
    left, top, width, height = rect.tolist()
    return np.array([left + width, top + height / 2] if direction == "LR" else [left + width / 2, top + height])


def port(rect: Array, output: int, outputs: int, direction: str) -> Array:
    """Where one of some outputs leaves a card."""
    left, top, width, height = rect.tolist()
    share = (output + 1) / (outputs + 1)
    return np.array([left + width, top + height * share] if direction == "LR" else [left + width * share, top + height])


def _from_ports(made: Geometry, routes: list[Array], outputs: list[int], direction: str) -> None:
    """Let the ways of edges begin at the ports of their sources; `outputs` says at which."""
    for k, ((source, _, _), _) in enumerate(made.edges):
        row = made.row.get(source)
        if row is not None and (names := made.nodes[row].outputs) and outputs[k] < len(names):
            routes[k] = np.concatenate([port(made.rects[row], outputs[k], len(names), direction)[None], routes[k][1:]])


def drop(leaf: Array, bucket: Array, direction: str) -> Array:
    """The way from a leaf into its bucket: through the opening, and down to where the numbers lie."""
    if direction == "LR":
        x = bucket[0] + bucket[2] / 2
        return np.array([[x, leaf[1] + leaf[3]], [x, bucket[1] + bucket[3] * 0.6]])
    y = bucket[1] + bucket[3] / 2
    return np.array([[leaf[0] + leaf[2], y], [bucket[0] + bucket[2] * 0.6, y]])


def _grew(previous: Geometry, graph: Graph, chips: int, direction: str) -> bool:
    nodes = graph.nodes
    if previous.layout is None or previous.layout.direction != direction:
        return False
    if previous.chips or chips or len(previous.nodes) >= len(nodes) or not previous.nodes:
        return False
    same = all(a.id == b.id and a.group == b.group for a, b in zip(previous.nodes, nodes, strict=False))
    old = {n.id for n in previous.nodes}
    if any(e.kind == "bucket" and e.source in old and e.target not in old for e in graph.edges):
        return False  # a leaf that stands got a bucket: it needs more room
    return same and len(nodes) - len(previous.nodes) <= max(2, len(nodes) // 10)


def route(made: Geometry, routes: list[Array], direction: str) -> None:
    """Turn polylines into smooth curves and sample them."""
    made.paths = [curve(points, direction) for points in routes]
    steps = np.linspace(0, 1, SAMPLES).tolist()
    points = [(at.x(), at.y()) for path in made.paths for at in map(path.pointAtPercent, steps)]
    made.samples = np.array(points, np.float64).reshape(len(made.paths), SAMPLES, 2)
    made.frames = []
    for frame in made.graph.frames:
        rows = [made.row[i] for i in frame.nodes if i in made.row]
        made.frames += [(frame, box.adjusted(-16, -34, 16, 16)) for box in boxes_around(made.rects, rows)]


def boxes_around(rects: Array, rows: list[int]) -> list[QRectF]:
    """Rectangles that hold the cards in `rows`, few and without any other card: neighbours share one."""
    foreign = np.ones(len(rects), np.bool_)
    foreign[rows] = False
    others = rects[foreign]
    boxes: list[QRectF] = []
    for row in sorted(rows, key=lambda row: (rects[row, 0], rects[row, 1])):  # column by column
        _join(boxes, QRectF(*rects[row]), others, boxes[-1:])
    if len(boxes) <= JOINED_BOXES:
        joined: list[QRectF] = []
        for box in boxes:
            _join(joined, box, others, joined)
        boxes = joined
    return boxes


def _join(boxes: list[QRectF], box: QRectF, others: Array, candidates: list[QRectF]) -> None:
    """Add a box to a list, or make one of the candidates in it larger, where no other card comes in."""
    for one in list(candidates):
        both = one.united(box)
        if not touching(others, both).any():
            boxes[boxes.index(one)] = both
            return
    boxes.append(box)


def curve(points: Array, direction: str) -> QPainterPath:
    """A smooth curve through points, leaving and arriving along the direction of the layout."""
    path = QPainterPath(QPointF(*points[0]))
    for (x0, y0), (x1, y1) in zip(points[:-1].tolist(), points[1:].tolist(), strict=True):
        if (x0 == x1) if direction == "LR" else (y0 == y1):
            path.lineTo(x1, y1)
        elif direction == "LR":
            bend = max(abs(x1 - x0) * 0.5, 12.0) if y0 != y1 else 0.0
            path.cubicTo(x0 + bend, y0, x1 - bend, y1, x1, y1)
        else:
            bend = max(abs(y1 - y0) * 0.5, 12.0) if x0 != x1 else 0.0
            path.cubicTo(x0, y0 + bend, x1, y1 - bend, x1, y1)
    return path


def nearest(centres: Array, here: Array, dx: int, dy: int) -> int:
    """The row of the card that an arrow key goes to from a place: near, and rather straight on than aside. -1: there is none."""
    away = centres - here
    along = away[:, 0] * dx + away[:, 1] * dy
    aside = np.abs(away[:, 0] * dy) + np.abs(away[:, 1] * dx)
    cost = np.where(along > 1, along + 2.5 * aside, np.inf)
    best = int(cost.argmin())
    return best if np.isfinite(cost[best]) else -1
