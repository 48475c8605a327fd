"""Write engine/graph/pytorch_saved.json: what PyTorch's backward nodes keep, by the names that `grad_fn._saved_NAME` has.

Needs PyTorch: `python tools/pytorch_saved.py`. A node is "self mat1 mat2 | alpha beta mat1* mat2*": the tensors that may have an
edge, in the order of `next_functions`, and what it keeps, a star behind tensors, brackets behind lists of numbers.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

TARGET = Path(__file__).parent.parent / "engine" / "graph" / "pytorch_saved.json"
NO_EDGE = {"condition", "mask", "index", "indices", "target", "targets", "offsets", "offset2bag", "bag_size", "running_mean", "running_var"}

EDGE_TO_TARGET = ("mseloss", "huberloss", "smoothl1loss", "binarycrossentropy", "binarycrossentropywithlogits")


def camel(name: str) -> str:
    """ "native_layer_norm" as nodes are called."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def main() -> None:
    """Look at the PyTorch of this environment."""
    import torch

    tensors: dict[str, list[list[str]]] = {}
    lists: dict[str, set[str]] = {}
    plain: dict[str, set[str]] = {}
    for schema in torch._C._jit_get_all_schemas():
        if not schema.name.startswith("aten::") or any(argument.is_out for argument in schema.arguments):
            continue
        kind = camel(schema.name.removeprefix("aten::")).lower()
        none = NO_EDGE - {"target"} if kind in EDGE_TO_TARGET else NO_EDGE
        tensors.setdefault(kind, []).append([a.name for a in schema.arguments if "Tensor" in str(a.type) and a.name not in none])
        lists.setdefault(kind, set()).update(a.name for a in schema.arguments if "List[int]" in str(a.type))
        plain.setdefault(kind, set()).update(a.name for a in schema.arguments if str(a.type) == "int")
    table = {}
    for name in dir(torch._C._functions):
        members = dir(getattr(torch._C._functions, name))
        kept = [n.removeprefix("_saved_") for n in members if n.startswith("_saved_")]
        whole = re.fullmatch(r"(.+)Backward(\d+)", name)
        if whole is None or whole[1].endswith("Backward"):
            continue
        kind = whole[1].lower()
        known = tensors.get(kind, [[]])
        arguments = max(known, key=lambda names: (len(set(names) & set(kept)), len(names)))
        listed = lists.get(kind, set()) - plain.get(kind, set())
        marked = [n + ("*" if f"_raw_saved_{n}" in members else "[]" if n in listed else "") for n in kept]
        table[name] = f"{' '.join(arguments)} | {' '.join(marked)}"
    TARGET.write_text(json.dumps(table, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
