"""The columns of events and of what they read and wrote, by name."""

from __future__ import annotations

EVENT_COLUMNS = (
    "kind", "site", "call", "line", "pass_", "phase", "grad_mode", "template", "reads", "writes", "extras_count", "step", "epoch",
)  # fmt: skip
OPENED = (
    "kind", "site", "call", "line", "step", "epoch", "pass_", "phase", "grad_mode", "reads", "template", "extra_at", "extras_count",
)  # fmt: skip
REF_COLUMNS = ("owner", "sub", "version", "value")
# In the order in which a chunk has them.
CHUNK_COLUMNS = (
    "kind", "site", "call", "line", "pass_", "phase", "grad_mode", "template", "reads", "writes", "extras_count", "extra",
    "owner", "sub", "version", "value", "step", "epoch", "tensor_site", "form", "same",
)  # fmt: skip
