"""Which module of the script an op belongs to, known by the names of the parameters that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .names import node_title

if TYPE_CHECKING:
    from ...recording.event import Event
    from ..trace.trace import Trace

_BEHIND = 6  # ops without parameters that stand behind a layer at most


def layer_words(trace: Trace, event: Event) -> str:
    """What a node is called where a layer is looked for: "tanh behind layer 2", "h = relu", "layer fc (addmm)"."""
    site = trace.recording.sites[event.site]
    made = trace.latest_made(event.site, event.index)
    title = node_title(trace, site)
    own = title if title == site.op else f"{title} = {site.op}(...)"
    ran = trace.event(made) if made is not None else None
    for distance in range(_BEHIND):
        layer = layer_of(trace, ran) if ran is not None else ""
        if layer:
            return f"{own} of {layer}" if not distance else f"{own} behind {layer}"
        source = trace.producer(ran.reads[0].location, ran.index) if ran is not None and ran.reads else -1
        row = trace.latest_made(source, ran.index - 1) if ran is not None and source >= 0 else None
        ran = trace.event(row) if row is not None else None
    return own


def layer_of(trace: Trace, ran: Event) -> str:
    """The module whose parameters an op reads, by their names; the parameter itself where no module holds it; "" for none."""
    for ref in ran.reads:
        site = trace.producer(ref.location, ran.index)
        for _ in range(2):  # the weight of a Linear goes through t()
            if site < 0:
                break
            found = trace.recording.sites[site]
            if found.role == "leaf":
                if found.name and trace.requires_grad(ref.location, ran.index):
                    module, _, last = found.name.rpartition(".")
                    return f"layer {module}" if module else f"the layer of {last}"
                break
            row = trace.latest_made(site, ran.index)
            if found.role != "view" or row is None or not trace.event(row).reads:
                break
            ref = trace.event(row).reads[0]
            site = trace.producer(ref.location, row)
    return ""
