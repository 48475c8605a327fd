"""Names of arguments that PyTorch takes and our functions call otherwise: torch.addmm(input, mat1=..., mat2=...), x.squeeze(axis=0).

Our own names stay, because the palette and saved documents know them.
"""

from __future__ import annotations

_MATRICES = {"mat1": "x", "mat2": "y"}
_BATCHES = {"batch1": "x", "batch2": "y"}
_PARTS = {"sections": "indices_or_sections", "indices": "indices_or_sections", "tensor_indices_or_sections": "indices_or_sections"}
_AXES = {"axis0": "dim0", "axis1": "dim1"}
BOTH: dict[str, dict[str, str]] = {
    "addmm": _MATRICES, "addbmm": _BATCHES, "baddbmm": _BATCHES, "addmv": {"mat": "x", "vec": "y"}, "addr": {"vec1": "x", "vec2": "y"},
    "swapaxes": _AXES, "squeeze": {"axis": "dim"}, "count_nonzero": {"axis": "dim"},
    "tensor_split": _PARTS, "hsplit": _PARTS, "vsplit": _PARTS, "dsplit": _PARTS,
}  # fmt: skip
FUNCTIONS: dict[str, dict[str, str]] = {
    "det": {"input": "A"}, "inverse": {"input": "A"}, "matrix_power": {"input": "A"},
    "split_with_sizes": {"input": "tensor"}, "numel": {"input": "self"}, "detach": {"input": "self"}, "is_complex": {"input": "self"},
    "is_floating_point": {"input": "self"}, "is_signed": {"input": "self"}, "pow": {"self": "input"}, "float_power": {"self": "input"},
}  # fmt: skip
METHODS: dict[str, dict[str, str]] = {
    "addmm_": _MATRICES, "addbmm_": _BATCHES, "baddbmm_": _BATCHES, "addmv_": BOTH["addmv"], "addr_": BOTH["addr"], "swapaxes_": _AXES,
    "clamp_min_": {"min": "bound"}, "clamp_max_": {"max": "bound"},
}  # fmt: skip


def names_for(home: str, name: str) -> dict[str, str]:
    """PyTorch's name of an argument -> ours, where they differ."""
    if home not in ("torch", "method"):
        return {}
    return {**BOTH.get(name, {}), **(FUNCTIONS if home == "torch" else METHODS).get(name, {})}


__all__ = ["names_for"]
