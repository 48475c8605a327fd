"""torch.vmap: a function over batches. It runs once for each row: the numbers are PyTorch's, the speed is a loop's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

import numpy as np

from .. import modes, random
from ..ops.views.join import stack
from ..tensor import Tensor

Function = Callable[..., Any]
_RANDOM = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap "
    "or perform the randomness operation out of vmap"
)


def _name(func: Any) -> str:
    if hasattr(func, "__name__"):
        return str(func.__name__)
    return f"functools.partial({_name(func.func)}, ...)" if isinstance(func, partial) else repr(func)


def _branches(tree: Any) -> tuple[Any, ...] | None:
    """The parts of a tuple, list or dict; None for a leaf."""
    if isinstance(tree, (tuple, list)):
        return tuple(tree)
    return tuple(tree.values()) if isinstance(tree, dict) else None


def leaves(tree: Any) -> Iterator[Any]:
    """What hangs in tuples, lists and dicts, in order."""
    parts = _branches(tree)
    if parts is None:
        yield tree
    else:
        for part in parts:
            yield from leaves(part)


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """The same structure with other leaves."""
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(rebuilt(part, values) for part in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(rebuilt(part, values) for part in tree)
    if isinstance(tree, dict):
        return type(tree)((key, rebuilt(part, values)) for key, part in tree.items())
    return next(values)


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree, with what a function makes of each leaf (torch.utils._pytree.tree_map)."""
    return rebuilt(tree, iter([function(leaf) for leaf in leaves(tree)]))


def structure(tree: Any, margin: str = "") -> str:
    """A structure as PyTorch's texts show it (torch.utils._pytree.TreeSpec)."""
    parts = _branches(tree)
    if parts is None:
        return "*"
    below = margin + "  "
    context = list(tree) if isinstance(tree, dict) else None
    return f"TreeSpec({type(tree).__name__}, {context}, [" + f",\n{below}".join(structure(part, below) for part in parts) + "])"


def _spread(dims: Any, tree: Any) -> list[Any] | None:
    """A dimension for each leaf; None where the two structures do not go together."""
    if _branches(dims) is None:
        return [dims for _ in leaves(tree)]
    parts = _branches(tree)
    if parts is None or type(dims) is not type(tree) or len(dims) != len(parts) or (isinstance(dims, dict) and dims.keys() != tree.keys()):
        return None
    found: list[Any] = []
    for dim, part in zip([dims[k] for k in tree] if isinstance(dims, dict) else dims, parts, strict=True):
        below = _spread(dim, part)
        if below is None:
            return None
        found += below
    return found


def _mapped(func: Any, in_dims: Any, args: tuple[Any, ...]) -> tuple[list[Any], int]:
    """The dimension of each leaf of the arguments, and how many rows there are; PyTorch's errors."""
    told = f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): "
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"{told}expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({_name(func)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with "
            "no inputs. The latter is unsupported."
        )
    dims = _spread(in_dims, args)
    if dims is None:
        raise ValueError(
            f"{told}in_dims is not compatible with the structure of `inputs`. in_dims has structure {structure(in_dims)} but inputs has "
            f"structure {structure(args)}."
        )
    sizes = []
    for k, (leaf, dim) in enumerate(zip(leaves(args), dims, strict=True)):
        if dim is None:
            continue
        if not isinstance(dim, int):
            raise ValueError(f"{told}Got in_dim={dim} for an input but in_dim must be either an integer dimension or None.")
        if not isinstance(leaf, Tensor):
            raise ValueError(
                f"{told}Got in_dim={dim} for an input but the input is of type {type(leaf)}. We cannot vmap over non-Tensor arguments, "
                "please use None as the respective in_dim"
            )
        n = leaf._data.ndim
        if not -n <= dim < n:
            raise ValueError(
                f"{told}Got in_dim={dim} for some input, but that input is a Tensor of dimensionality {n} so expected in_dim to satisfy "
                f"-{n} <= in_dim < {n}."
            )
        dims[k] = dim % n
        sizes.append(leaf._data.shape[dim])
    if not sizes:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if len(set(sizes)) > 1:
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the mapped dimension"
        )
    return dims, sizes[0]


def _joined(func: Any, out_dims: Any, rows: list[Any]) -> Any:
    """What the rows gave, each leaf along its dimension."""
    first, name = rows[0], _name(func)
    dims = _spread(out_dims, first)
    if dims is None and isinstance(out_dims, tuple) and len(out_dims) == 1:
        dims = _spread(out_dims[0], first)
    if dims is None:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of `outputs`. out_dims has "
            f"structure {structure(out_dims)} but outputs has structure {structure(first)}."
        )
    made = []
    for column, dim in zip(zip(*map(leaves, rows), strict=True), dims, strict=True):
        if dim is not None and not isinstance(column[0], Tensor):
            raise ValueError(
                f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(column[0])}. Did you mean to set out_dims= to None "
                "for output?"
            )
        made.append(column[0] if dim is None else stack(column, dim))
    return rebuilt(first, iter(made))


def vmap(func: Function, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None) -> Function:
    """A function over batches: `func` runs for each index of the mapped dimensions."""
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        dims, size = _mapped(func, in_dims, args)
        flat = list(leaves(args))
        before = random.get_rng_state()
        rows = []
        for k in range(size):
            if k and randomness == "same":
                random.set_rng_state(before)
            row = rebuilt(args, iter([x if dim is None else x.select(dim, k) for x, dim in zip(flat, dims, strict=True)]))
            # PyTorch runs it once for all rows: a graph that it goes back through is freed with the last
            with modes.retaining(k + 1 < size), modes.mapping(), modes.transform():
                rows.append(func(*row, **kwargs))
            if not k and randomness == "error" and not np.array_equal(random.get_rng_state()._data, before._data):
                random.set_rng_state(before)
                raise RuntimeError(_RANDOM)
        if out_dims is not None and not isinstance(out_dims, int) and _branches(out_dims) is None:
            raise ValueError(
                f"vmap({getattr(func, '__name__', repr(func))}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python collection "
                "of ints representing where in the outputs the vmapped dimension should appear."
            )
        return _joined(func, out_dims, rows)

    return wrapper


__all__ = ["leaves", "rebuilt", "structure", "vmap"]
