"""What a recording holds, in numbers: for `python main.py info`."""

from __future__ import annotations

from typing import Any

import numpy as np

from .event import Kind
from .recording import Recording


def info(recording: Recording) -> dict[str, Any]:
    """Events by kind, steps, epochs, sites, leaves and bytes; all of it JSON-able."""
    kinds = np.bincount(recording.column("kind"), minlength=len(Kind))
    steps, epochs, passes = (recording.column(name) for name in ("step", "epoch", "pass_"))
    roles = [site.role for site in recording.sites]
    return {
        "path": recording.path,
        "seed": recording.seed,
        "events": len(recording),
        "kinds": {kind.name.lower(): int(kinds[kind]) for kind in Kind if kinds[kind]},
        "steps": int(steps.max(initial=-1)) + 1,
        "epochs": int(epochs.max(initial=-1)) + 1,
        "passes": int(passes.max(initial=-1)) + 1,
        "sites": len(recording.sites),
        "sites_by_role": {role: roles.count(role) for role in dict.fromkeys(roles)},
        "leaves": roles.count("leaf"),
        "tensors": len(recording.tensor_site),
        "values": recording.value_count,
        "bytes": {"events": recording.nbytes, "values": recording.value_bytes},
        "error": recording.error,
    }
