"""How much gradient arrives at the leaves: none, too little, too much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from ...recording.statistics import INFS, NANS, NORM
from ..graph import node_title
from ..scene import NodeKind
from .alarm import Alarm, Severity, Thresholds
from .structure import flat_ops

if TYPE_CHECKING:
    from ..session import Session


_SOMEWHERE = "Somewhere on the way a slope is 0: a ReLU whose inputs are all negative, a clamp, a round or a mask. Step back through the pass to see where."


def sizes(session: Session, thresholds: Thresholds) -> Iterator[Alarm]:
    """Vanishing, exploding and zero gradients, one alarm a leaf and kind."""
    columns, recording, trace = session.columns, session.recording, session.trace
    rows = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))
    if not len(rows):
        return
    flats = flat_ops(session)
    increments = np.array([trace.event(row).reads[0].value if trace.event(row).reads else -1 for row in rows.tolist()], np.int64)
    measures = recording.measures(increments)
    norms, broken = measures[:, NORM], measures[:, NANS] + measures[:, INFS] > 0
    for site in sorted(set(columns.site[rows].tolist())):
        mine = columns.site[rows] == site
        leaf = trace.leaf_of.get(site, site)
        name = node_title(trace, recording.sites[leaf])
        at, size = rows[mine & ~broken], norms[mine & ~broken]  # nan and inf have an alarm of their own
        small = (size > 0) & (size < thresholds.vanishing)
        large = size > thresholds.exploding
        if small.any():
            k = int(np.flatnonzero(small)[0])
            yield Alarm(
                "vanishing", Severity.WARNING, "gradient vanishes",
                f"Only {size[k]:.2g} arrives at {name} (norm); below {thresholds.vanishing:g} it hardly moves.",
                "Look back along the chain for the node where it shrinks: saturated tanh or sigmoid, small weights, many layers. "
                "Try ReLU, another initialisation, normalisation, or a shortcut around the layers.",
                int(at[k]), (leaf, site), int(small.sum()),
            )  # fmt: skip
        if large.any():
            k = int(np.flatnonzero(large)[0])
            yield Alarm(
                "exploding", Severity.WARNING, "gradient explodes",
                f"{size[k]:.3g} arrives at {name} (norm), more than {thresholds.exploding:g}.",
                "Lower the learning rate, clip with torch.nn.utils.clip_grad_norm_, scale the data, or take the mean of the loss and not its sum.",
                int(at[k]), (leaf, site), int(large.sum()),
            )  # fmt: skip
        if len(size) and (size == 0).all():
            flat = next((event for event in flats if event.index < int(at[-1])), None)
            why, advice = "", _SOMEWHERE
            nodes: tuple[int, ...] = (leaf, site)
            if flat is not None:
                op = recording.sites[flat.site].op
                why = f" {op} (line {flat.line}) is on the way: its slope is 0 wherever it has one."
                advice, nodes = f"Let the gradient pass as if {op} were not there: x + ({op}(x) - x).detach().", (leaf, site, flat.site)
            yield Alarm(
                "zero gradient", Severity.WARNING, "gradient is zero",
                f"Every gradient that arrived at {name} was exactly 0 ({len(size)} of {len(size)}).{why}", advice, int(at[0]), nodes, len(size),
            )  # fmt: skip


def unreached(session: Session) -> Iterator[Alarm]:
    """Leaves that require grad, were used, and got none although something was propagated back after they were made."""
    recording, trace, columns = session.recording, session.trace, session.columns
    ends = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    if not len(ends):
        return
    with_grad = {trace.leaf_of.get(site, site) for site in columns.site[columns.kind == int(Kind.ACCUMULATE)].tolist()}
    used = {edge.source for edge in session.graph().edges}
    for node in session.graph().nodes:
        made = trace.made[node.id]
        if node.kind != NodeKind.PARAMETER or node.id in with_grad or not len(made) or int(made[0]) > int(ends[-1]):
            continue
        if node.id in used:
            found = session.why_not(node.id)
            if found.reason == "reached":
                continue
            sentence = found.sentence
            nodes: tuple[int, ...] = (node.id, found.node)
        else:
            name = node_title(trace, recording.sites[node.id])
            sentence, nodes = f"{name} (line {node.line}) requires grad, and nothing is computed from it.", (node.id,)
        yield Alarm(
            "unreached", Severity.WARNING, "leaf never reached", sentence,
            "Its .grad stays None, and an optimizer skips it. Connect it, or turn requires_grad off.", int(made[0]), nodes,
        )  # fmt: skip
