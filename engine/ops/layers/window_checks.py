"""What PyTorch says of pools and convolutions that cannot be: its words, in the order in which it looks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import class_name, old_type_name, sizes

Ints = tuple[int, ...]


def _listed(shape: Any) -> str:
    return str(list(shape))


def no_such_dim(ndim: int, dim: int) -> IndexError:
    """PyTorch's error for a dimension that a tensor does not have."""
    if not ndim:
        return IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return IndexError(f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], but got {dim})")


def _small(kernel: Ints, stride: Ints, padding: Ints, dilation: Ints) -> None:
    """Of each dimension, as pooling_output_shape looks at it."""
    for k, s, p, d in zip(kernel, stride, padding, dilation, strict=True):
        if s == 0:
            raise RuntimeError("stride should not be zero")
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > ((k - 1) * d + 1) // 2:
            raise RuntimeError(f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation={d}")


_LISTS = {
    "kernel_size": "an int, list of ints or", "stride": "None, an int, list of ints, or", "padding": "an int, list of ints, or",
    "dilation": "an int, list of ints or",
}  # fmt: skip


def lengths(op: str, n: int, indices: bool, **given: Ints) -> None:
    """How many numbers there must be for each dimension."""
    for name, value in given.items():
        if len(value) == n:
            continue
        if n > 1:
            either = "be either" if name == "dilation" else "be" if op == "avg_pool3d" else "either be"
            first = "omitted, a single int, or" if name == "stride" else "a single int, or"
            raise RuntimeError(f"{op}: {name} must {either} {first} a tuple of {('two', 'three')[n - 2]} ints")
        if op == "max_pool1d" and not indices:
            raise RuntimeError(f"max_pool1d() {name} must be {_LISTS[name]} tuple of ints of size 1 but got size {len(value)}")
        raise RuntimeError(f"{op}() argument '{name}' should contain one int (got {len(value)})")


def one_dimension(name: str, shape: Ints) -> None:
    """What pools of one dimension take."""
    if len(shape) not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor for argument #1 'self' (while checking arguments for {name})"
        )


def max_pool_1d(shape: Ints, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, outs: Any) -> None:
    """torch.max_pool1d without indices."""
    if len(shape) not in (2, 3) or 0 in shape[len(shape) - 2 :]:
        raise RuntimeError(
            f"max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:{_listed(shape)}"
        )
    for name, value in (("kernel_size", kernel[0]), ("stride", stride[0])):
        if value <= 0:
            raise RuntimeError(f"max_pool1d() {name} must be greater than zero, but got {value}")
    if padding[0] < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {padding[0]}")
    if padding[0] > kernel[0] // 2:
        raise RuntimeError(
            f"max_pool1d() padding should be at most half of kernel size, but got padding={padding[0]} and kernel_size={kernel[0]}"
        )
    if dilation[0] <= 0:
        raise RuntimeError(f"max_pool1d() dilation must be greater than zero, but got {dilation[0]}")
    (out,) = outs()
    if out <= 0:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {out}")


def pool(kind: str, shape: Ints, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, outs: Any) -> None:
    """max_pool2d, max_pool3d, avg_pool of all sizes. `kind` is "max" or "avg", `outs()` the size of the result."""
    n = len(kernel)
    if n == 3 and len(shape) not in (4, 5):
        raise RuntimeError("non-empty 4D or 5D (batch mode) tensor expected for input")
    _small(kernel, stride, padding, dilation)
    if n == 3 and kind == "avg" and 0 in shape[len(shape) - 4 :]:
        raise RuntimeError("non-empty 4D or 5D (batch mode) tensor expected for input")
    letters = {1: "W", 2: "HW", 3: "THW"}[n]
    if min(kernel) <= 0:
        raise RuntimeError(
            "kernel size should be greater than zero, but got " + " ".join(f"k{c}: {k}" for c, k in zip(letters, kernel, strict=True))
        )
    if min(stride) <= 0:
        raise RuntimeError(
            "stride should be greater than zero, but got " + " ".join(f"d{c}: {k}" for c, k in zip(letters, stride, strict=True))
        )
    if min(dilation) <= 0:
        raise RuntimeError(
            "dilation should be greater than zero, but got " + " ".join(f"dilation{c}: {k}" for c, k in zip(letters, dilation, strict=True))
        )
    if n == 3 and kind == "max":
        for k, size in enumerate(shape[len(shape) - 4 :]):
            if size == 0:
                raise RuntimeError(
                    "max_pool3d_with_indices_out_cpu_template(): Expected input's non-batch dimensions to have positive length, but input "
                    f"has a shape of {_listed(shape)} and non-batch dimension {k - (0 if len(shape) == 4 else 1)} has length zero!"
                )
    if n == 2 and kind == "max" and len(shape) not in (3, 4):
        raise RuntimeError("non-empty 3D or 4D (batch mode) tensor expected for input")
    if n == 2 and kind == "avg" and len(shape) < 3:
        raise no_such_dim(len(shape), -3)
    if n == 2 and (len(shape) not in (3, 4) or 0 in shape[len(shape) - 3 :]):
        raise RuntimeError(f"Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:{_listed(shape)}")
    got = outs()
    if min(got) < 1:
        planes = shape[len(shape) - n - 1]
        flat = (1,) * (n == 1)  # of one dimension PyTorch makes two
        have, made = ("x".join(map(str, (planes, *flat, *s))) for s in (shape[len(shape) - n :], got))
        raise RuntimeError(f"Given input size: ({have}). Calculated output size: ({made}). Output size is too small")


def adaptive(kind: str, n: int, shape: Ints, output_size: Any) -> None:
    """Adaptive pools."""
    if n > 1 and not isinstance(output_size, int) and not hasattr(output_size, "__len__"):
        raise TypeError(f"object of type '{class_name(output_size)}' has no len()")
    name = f"adaptive_{kind}_pool{n}d"
    for k, size in enumerate(output_size if isinstance(output_size, (tuple, list, str)) else ()):
        if not isinstance(size, int) and size is not None:
            raise TypeError(
                f"{name}(): argument 'output_size' (position 2) must be tuple of ints, but found element of type {class_name(size)} at pos {k}"
            )
    given = (output_size,) * n if isinstance(output_size, int) or output_size is None else tuple(output_size)
    if n == 1:
        one_dimension(name, shape)
    if n == 1 and len(given) != 1:
        raise RuntimeError(f"{name}() argument 'output_size' should contain one int (got {len(given)})")
    if n > 1 and len(shape) <= len(given) and isinstance(output_size, (tuple, list)):
        raise ValueError(f"Input dimension should be at least {len(given) + 1}")
    if len(given) != n:
        raise RuntimeError(
            f"{name}: output_size must be {n}" if kind == "avg" else f"{name}(): internal error: output_size.size() must be {n}"
        )
    if kind == "avg" and n > 1 and all(o == 1 for o in given):  # the mean, which asks for less
        if len(shape) < n:
            raise no_such_dim(max(len(shape), 1), -n if len(shape) else -2)
        return
    if n > 1 and len(shape) not in (n + 1, n + 2):
        told = f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got"
        raise RuntimeError(f"{told} {_listed(shape)}" if kind == "avg" else f"{told}: {_listed(shape)}")
    for k in range(len(shape) - n if kind == "avg" else 1, len(shape)) if n > 1 else ():
        if not shape[k]:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {_listed(shape)} with dimension "
                f"{k} being empty"
            )
    wanted = [shape[len(shape) - n + k] if o is None else o for k, o in enumerate(given)]
    if any(o < 0 for o in wanted):
        negative = next(o for o in wanted if o < 0)
        if kind == "avg":
            # PyTorch pools one dimension as the second of two, and has no blank before the third
            called, listed = ("adaptive_avg_pool2d", f"1, {wanted[0]}") if n == 1 else (name, ", ".join(map(str, wanted[:2])))
            listed += "".join(f",{o}" for o in wanted[2:])
            raise RuntimeError(f"{called}: elements of output_size must be greater than or equal to 0 but received {{{listed}}}")
        full = [*shape[: len(shape) - n], *([1] if n == 1 else []), *wanted]
        raise RuntimeError(f"Trying to create tensor with negative dimension {negative}: {full}")


def output_padding(n: int, extra: Ints, stride: Ints, dilation: Ints) -> None:
    """What a transposed convolution may add."""
    if any(e >= s and e >= d for e, s, d in zip(extra, stride, dilation, strict=True)):
        names = ("depth", "height", "width")[3 - max(n, 2) :]
        told = [
            f"{kind}_{name}: {v}"
            for kind, line, given in (("output_padding", (0,), extra), ("stride", (1,), stride), ("dilation", (1,), dilation))
            for name, v in zip(names, (*(line if n == 1 else ()), *given), strict=True)
        ]
        raise RuntimeError(f"output padding must be smaller than either stride or dilation, but got {' '.join(told)}")


def transposed_size(given: Ints, made: Ints, dtype: Any) -> None:
    """A transposed convolution has an output; of float32 it may be empty."""
    if any(size < 0 or (size == 0 and dtype != np.float32) for size in made):
        one = (1,) if len(made) == 1 else ()  # PyTorch makes a picture of one row of it
        have, told = (" x ".join(map(str, (*one, *sizes))) for sizes in (given, made))
        raise RuntimeError(
            f"Given input size per channel: ({have}). Calculated output size per channel: ({told}). Output size is too small"
        )


def sliding(kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> None:
    """What im2col and col2im ask of their settings before they look at the sizes."""
    for name, given in (("kernel_size", kernel), ("dilation", dilation), ("padding", padding), ("stride", stride)):
        if len(given) != 2:
            raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(given)}")
    for name, short, given, least in (
        ("kernel size should be greater than zero", "kernel", kernel, 1), ("dilation should be greater than zero", "dilation", dilation, 1),
        ("padding should be non-negative", "pad", padding, 0), ("stride should be greater than zero", "stride", stride, 1),
    ):  # fmt: skip
        if min(given) < least:
            raise RuntimeError(f"{name}, but got {short}_height: {given[0]} {short}_width: {given[1]}")


def columns(image: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> Ints:
    """How many windows there are in each direction (fold and unfold)."""
    return tuple(
        (size + 2 * p - d * (k - 1) - 1) // s + 1 for size, k, d, p, s in zip(image, kernel, dilation, padding, stride, strict=True)
    )


def unfold(shape: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> None:
    """im2col_shape_check."""
    if len(shape) < 3:
        raise no_such_dim(len(shape), len(shape) or 1)
    if len(shape) not in (3, 4) or 0 in shape[len(shape) - 3 :]:
        raise RuntimeError(
            f"Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {_listed(shape)}"
        )
    made = columns(shape[-2:], kernel, dilation, padding, stride)
    if min(made) < 1:
        raise RuntimeError(
            f"Given input with spatial size {shape[-2:]}, kernel_size={kernel}, dilation={dilation}, padding={padding}, calculated shape of "
            f"the array of sliding blocks as {made}, but its components must be at least one."
        )


def fold(shape: Ints, size: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> None:
    """col2im_shape_check."""
    if len(shape) not in (2, 3) or 0 in shape[len(shape) - 2 :]:
        raise RuntimeError(
            f"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: {_listed(shape)}"
        )
    planes, blocks = shape[-2:]
    if planes % (kernel[0] * kernel[1]):
        raise RuntimeError(
            f"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={planes} and "
            f"kernel_size={kernel}."
        )
    made = columns(size, kernel, dilation, padding, stride)
    told = f"Given output_size={size}, kernel_size={kernel}, dilation={dilation}, padding={padding}, stride={stride}, "
    if min(made) < 1:
        raise RuntimeError(f"{told}calculated shape of the array of sliding blocks as {made}, which is too small (non-positive)")
    if blocks != made[0] * made[1]:
        raise RuntimeError(
            f"{told}expected size of input's dimension 2 to match the calculated number of sliding blocks {made[0]} * {made[1]} = "
            f"{made[0] * made[1]}, but got input.size(2)={blocks}."
        )


def padding_of(shape: Ints, pad: Ints, mode: str) -> None:
    """Padding that copies: which dimensions, and how much of them."""
    n, pairs = len(shape), len(pad) // 2
    if pairs not in (1, 2, 3) or n not in (pairs + 1, pairs + 2):
        raise NotImplementedError(
            f"Padding size {len(pad)} is not supported for {n}D input tensor.\nSupported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    if mode != "circular" and 0 in shape[n - pairs - 1 :]:
        raise RuntimeError(
            f"Expected {pairs + 1}D or {pairs + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            f"but got: {_listed(shape)}"
        )
    for k in range(pairs):
        before, after = pad[2 * k : 2 * k + 2]
        size = shape[n - 1 - k]
        if mode == "circular" and max(before, after) > size:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if mode == "reflect" and max(before, after) >= size:
            raise RuntimeError(
                f"Argument #{4 + 2 * k}: Padding size should be less than the corresponding input dimension, but got: padding ({before}, "
                f"{after}) at dimension {n - 1 - k} of input {_listed(shape)}"
            )


def numbers(weight: Any, **given: Ints) -> None:
    """How many numbers a convolution takes for its directions, of which the weight says how many there are."""
    n = weight._data.ndim - 2
    for name, value in given.items():
        if n > 0 and len(value) not in (1, n):
            raise RuntimeError(
                f"expected {name} to be a single integer value or a list of {n} values to match the convolution dimensions, but got "
                f"{name}={_listed(value)}"
            )


def convolution(
    n: int, x: Any, weight: Any, bias: Any, stride: Ints, padding: Ints, dilation: Ints, groups: int, *, transposed: bool = False,
    same: bool = False,
) -> None:  # fmt: skip
    """check_shape_forward of Convolution.cpp; x is batched. The words are another's where `same` is asked of the padding."""
    w, b = weight._data, None if bias is None else bias._data
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if any(p < 0 for p in padding):
        raise RuntimeError("negative padding is not supported")
    if any(s <= 0 for s in stride):
        raise RuntimeError("non-positive stride is not supported")
    if any(d <= 0 for d in dilation):
        raise RuntimeError("dilation should be greater than zero" + (f", but got {_listed(dilation)}" if min(dilation) == 0 else ""))
    if w.ndim < 3:
        raise RuntimeError("weight should have at least three dimensions")
    if w.ndim != n + 2 or x._data.ndim != n + 2:
        raise RuntimeError(
            f"Expected {w.ndim}-dimensional input for {w.ndim}-dimensional weight{'' if same else ' '}{sizes(w.shape)}, but got "
            f"{x._data.ndim}-dimensional input of size {sizes(x._data.shape)} instead"
        )
    if w.shape[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size {sizes(w.shape)} instead"
        )
    if w.shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size {sizes(w.shape)} instead"
        )
    have = x._data.shape[1]
    wanted, outputs = (w.shape[0], w.shape[1] * groups) if transposed else (w.shape[1] * groups, w.shape[0])
    if have != wanted:
        kind = "transposed=1" if transposed else f"groups={groups}"
        raise RuntimeError(
            f"Given {kind}, weight of size {sizes(w.shape)}, expected input{sizes(x._data.shape)} to have {wanted} channels, "
            f"but got {have} channels instead"
        )
    if b is not None and (b.ndim != 1 or b.shape[0] != outputs):
        kind = "transposed=1, " if transposed else ""
        raise RuntimeError(
            f"Given {kind}weight of size {sizes(w.shape)}, expected bias to be 1-dimensional with {outputs} elements, but got bias of size "
            f"{sizes(b.shape)} instead"
        )
    if bias is not None and not transposed and bias.dtype is not x.dtype:
        raise RuntimeError(f"Input type ({x.dtype.c_name}) and bias type ({bias.dtype.c_name}) should be the same")
    if n == 2 and 0 in w.shape[2:]:
        raise RuntimeError(f"kernel size should be greater than zero, but got kernel_height: {w.shape[2]} kernel_width: {w.shape[3]}")
    if weight.dtype is not x.dtype:
        if x.dtype.numpy.itemsize == 2 and x.dtype.is_floating_point:
            raise RuntimeError(
                f"Input type ({old_type_name(x._data)}) and weight type ({old_type_name(w)}) should be the same or input should be a MKLDNN "
                "tensor and weight is a dense tensor"
            )
        raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {weight.dtype.scalar_name}")
