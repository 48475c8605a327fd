"""Attention: scaled_dot_product_attention and the function behind MultiheadAttention (torch.nn.functional)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...calls import quick
from ...errors import class_name
from ...half.bfloat16 import cast
from ...naming.namespace import TORCH, export
from ...op import Op, apply
from ...tensor import Tensor
from ..fill import told_leaf
from ..matrices.linalg import linear, matmul
from ..pointwise.elementwise import mul_number
from ..reductions.softmax import softmax_row
from .random import dropout

_KEPT = 1 << 18  # weights that are kept for the backward pass; of more only the results are, as in PyTorch
# the kernels that may be used, by PyTorch's names (torch.nn.attention.sdpa_kernel)
kernels = {"MATH", "FLASH_ATTENTION", "EFFICIENT_ATTENTION", "CUDNN_ATTENTION", "OVERRIDEABLE"}


def _as_bias(mask: Any, dtype: Any) -> Any:
    """A boolean mask as numbers to add: 0 where attention is allowed, minus infinity elsewhere."""
    if mask._data.dtype.kind != "b":
        return mask
    return told_leaf(cast(np.where(mask._data, np.float32(0), np.float32(-np.inf)), dtype))


@export("functional")
def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False, scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:  # fmt: skip
    """softmax(q k^T / sqrt(d) + mask) v; a boolean mask is True where attention is allowed."""
    if hasattr(attn_mask, "variant"):
        if is_causal:
            raise ValueError("CausalBias should not be used with causal=True")
        if attn_mask.variant == 1 or attn_mask.seq_len_q == attn_mask.seq_len_kv:  # aligned with the upper left corner
            attn_mask, is_causal = None, True
    dims = [t._data.ndim for t in (query, key, value)]
    if min(dims) < 2:
        raise RuntimeError(
            f"Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {dims[0]} key.dim: {dims[1]} and "
            f"value.dim: {dims[2]} instead."
        )
    if attn_mask is not None:
        if is_causal:
            raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
        if attn_mask._data.dtype.kind not in "bfV" and attn_mask._data.dtype is not query._data.dtype:
            raise RuntimeError(
                f"Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: {attn_mask.dtype.c_name} "
                f"and  query.dtype: {query.dtype.c_name} instead."
            )
    shapes = [t._data.shape for t in (query, key, value)]
    one = dims == [4, 4, 4] and not dropout_p and len({shape[-1] for shape in shapes}) == 1
    one = one and (enable_gqa or len({shape[1] for shape in shapes}) == 1) and not (attn_mask is not None and attn_mask._requires_grad)
    if len(kernels) < 5:
        one = _kernel(one)
    d = query._data.dtype
    factor = 1 / math.sqrt(query._data.shape[-1]) if scale is None else scale
    if enable_gqa and (query._data.shape[-3] % key._data.shape[-3] or query._data.shape[-3] % value._data.shape[-3]):
        raise RuntimeError("Number of heads in key and value must divide the number of heads in ")
    if one:
        if key._data.shape[-2] != value._data.shape[-2]:
            matmul(matmul(query, key.transpose(-2, -1)), value)
        mask = None if attn_mask is None else _as_bias(attn_mask, d)._data
        params = {"attn_mask": mask, "is_causal": bool(is_causal), "scale": scale, "dropout_p": 0.0}
        if query._data.size * key._data.shape[-2] <= _KEPT * query._data.shape[-1]:
            params |= quick.workings(query)
        return apply(flash_row, (query, key, value), params)
    half = query.dtype if d.itemsize == 2 and d.kind in "fV" else None
    if half is not None:  # the products of half precision are summed in float32, and rounded at the end
        query, key, value = (t.float() for t in (query, key, value))
    if enable_gqa:
        repeats = query._data.shape[-3] // key._data.shape[-3]
        key, value = (
            t.unsqueeze(-3).expand(*t.shape[:-2], repeats, *t.shape[-2:]).reshape(*t.shape[:-3], -1, *t.shape[-2:]) for t in (key, value)
        )
    root = math.sqrt(abs(factor))
    scaled = apply(mul_number, (query, root if factor >= 0 else -root))
    scores = matmul(scaled, apply(mul_number, (key.transpose(-2, -1), root)))
    if is_causal:
        scores = scores + told_leaf(_causal(query._data.shape[-2], key._data.shape[-2], d))
    if attn_mask is not None:
        scores = scores + _as_bias(attn_mask, d)
    weights = apply(_safe_softmax, (scores,), {"dim": -1})
    mixed = matmul(dropout(weights, dropout_p, dropout_p > 0), value)
    return mixed if half is None else mixed.to(half)


def _kernel(one: bool) -> bool:
    """Whether the kernel in one piece is used, where the script allows but some of them."""
    if not kernels & {"MATH", "FLASH_ATTENTION"}:
        raise RuntimeError(
            "No viable backend for scaled_dot_product_attention was found. This is likely due to turning off both the math kernel and "
            "the fused kernels."
        )
    if not one and "MATH" not in kernels:
        raise RuntimeError("No available kernel.  Aborting execution.")
    return one and "FLASH_ATTENTION" in kernels


def _causal(rows: int, columns: int, dtype: Any) -> Any:
    return cast(np.where(np.tri(rows, columns, dtype=bool), np.float32(0), np.float32(-np.inf)), dtype)


def _softmax_or_zeros(x: Any, dim: int = -1) -> Any:
    """softmax; a row in which nothing may be attended gives zeros, not nan."""
    if not x.size:
        return x.copy()
    weights = softmax_row(x, dim=dim)
    if not np.isnan(weights.take([0], axis=dim)).any():
        return weights
    return np.where(np.isneginf(x).all(axis=dim, keepdims=True), x.dtype.type(0), weights)


_safe_softmax = Op(
    "_safe_softmax",
    _softmax_or_zeros,
    grad_fn="SafeSoftmaxBackward0",
    vjps=softmax_row.vjps,
    formulas=softmax_row.formulas,
    promote="float",
)


def _weights(query: Any, key: Any, attn_mask: Any, is_causal: bool, scale: float | None) -> Any:
    """How much of each value goes into each row of the result."""
    d = query.dtype
    scores = np.matmul(query, key.swapaxes(-2, -1)) * d.type(1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        scores = scores + _causal(query.shape[-2], key.shape[-2], d)
    if attn_mask is not None:
        scores = (scores + attn_mask).astype(d, copy=False)
    return _softmax_or_zeros(scores)


def _for_all_heads(x: Any, heads: int) -> Any:
    """Keys or values of which several heads share each, as many as there are heads."""
    return x if x.shape[1] == heads else np.repeat(x, heads // x.shape[1], 1)


def _flash(
    query: Any, key: Any, value: Any, attn_mask: Any = None, is_causal: bool = False, scale: float | None = None, dropout_p: float = 0.0,
    workings: Any = None,
) -> Any:  # fmt: skip
    heads = query.shape[1]
    weights = _weights(query, _for_all_heads(key, heads), attn_mask, is_causal, scale)
    if workings is not None:
        workings.append(weights)
    out = np.empty_like(query)  # it lies in memory as the queries do
    return np.matmul(weights, _for_all_heads(value, heads), out=out)


def _flash_back(
    g: Any, query: Any, key: Any, value: Any, result: Any, attn_mask: Any = None, is_causal: bool = False, scale: float | None = None,
    weights: Any = None,
) -> tuple[Any, ...]:  # fmt: skip
    heads = query.shape[1]
    k, v = _for_all_heads(key, heads), _for_all_heads(value, heads)
    if weights is None:
        weights = _weights(query, k, attn_mask, is_causal, scale)
    inner = weights * (np.matmul(g, v.swapaxes(-2, -1)) - (g * result).sum(-1, keepdims=True))
    inner = inner * query.dtype.type(1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    of_key, of_value = np.matmul(inner.swapaxes(-2, -1), query), np.matmul(weights.swapaxes(-2, -1), g)
    return np.matmul(inner, k), _together(of_key, key.shape), _together(of_value, value.shape)


def _together(g: Any, shape: tuple[int, ...]) -> Any:
    """The sum of the cotangents of heads that share keys or values."""
    return g if g.shape == shape else g.reshape(shape[0], shape[1], -1, *g.shape[2:]).sum(2)


def _not_twice(g: Any) -> Any:
    raise RuntimeError("derivative for aten::_scaled_dot_product_flash_attention_for_cpu_backward is not implemented")


flash_back_row = Op(
    "_scaled_dot_product_flash_attention_for_cpu_backward", _flash_back, inputs=("g", "query", "key", "value", "result"),
    grad_fn="NotImplemented", joint=_not_twice, formulas=("",) * 5,
)  # fmt: skip


def _flash_vjp(
    g: Any, query: Any, key: Any, value: Any, result: Any, attn_mask: Any, is_causal: bool, scale: float | None, workings: Any
) -> tuple[Any, ...]:
    if workings and type(g) is np.ndarray:
        return _flash_back(g, query, key, value, result, attn_mask, is_causal, scale, workings.pop())
    given: tuple[Any, ...] = flash_back_row(g, query, key, value, result, attn_mask=attn_mask, is_causal=is_causal, scale=scale)
    return given


# PyTorch has one node for attention of four dimensions
flash_row = Op(
    "_scaled_dot_product_flash_attention_for_cpu", _flash, inputs=("query", "key", "value"), joint=_flash_vjp,
    grad_fn="ScaledDotProductFlashAttentionForCpuBackward0",
    formulas=(
        r"\bar{Q} = c\,\bar{S}K", r"\bar{K} = c\,\bar{S}^{\mathsf{T}}Q", r"\bar{V} = P^{\mathsf{T}}\bar{Z}",
    ),
)  # fmt: skip


def _additive(mask: Any, dtype: Any) -> Any:
    """MultiheadAttention's boolean masks are True where attention is forbidden."""
    if mask is None or mask._data.dtype.kind != "b":
        return mask
    return told_leaf(cast(np.where(mask._data, np.float32(-np.inf), np.float32(0)), dtype))


def _projected(
    query: Any, key: Any, value: Any, weight: Any, separate: tuple[Any, Any, Any] | None, bias: Any, width: int
) -> tuple[Any, ...]:
    """Queries, keys and values; what one tensor gives is projected in one go, as in PyTorch."""
    parts = (None,) * 3 if bias is None else bias.chunk(3)
    if separate is not None:
        for name, x, w in zip(("query", "key", "value"), (query, key, value), separate, strict=True):
            want = (width, x._data.shape[-1])
            if w._data.shape != want:
                raise AssertionError(f"expecting {name} weights shape of {want}, but got {w.shape}")
        return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), separate, parts, strict=True))
    if key is not value:
        return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), weight.chunk(3), parts, strict=True))
    if query is key:
        return _apart(linear(query, weight, bias), 3, width)
    first, rest = weight.split([width, 2 * width])
    bias_first, bias_rest = (None, None) if bias is None else bias.split([width, 2 * width])
    return (linear(query, first, bias_first), *_apart(linear(key, rest, bias_rest), 2, width))


def _apart(products: Any, count: int, width: int) -> tuple[Any, ...]:
    """Products that lie side by side, one behind the other."""
    moved = products.unflatten(-1, (count, width)).unsqueeze(0).transpose(0, -2).squeeze(-2).contiguous()
    return tuple(moved[k] for k in range(count))


@export("functional")
def multi_head_attention_forward(
    query: Any, key: Any, value: Any, embed_dim_to_check: int, num_heads: int, in_proj_weight: Any, in_proj_bias: Any, bias_k: Any, bias_v: Any,
    add_zero_attn: bool, dropout_p: float, out_proj_weight: Any, out_proj_bias: Any, training: bool = True, key_padding_mask: Any = None,
    need_weights: bool = True, attn_mask: Any = None, use_separate_proj_weight: bool = False, q_proj_weight: Any = None, k_proj_weight: Any = None,
    v_proj_weight: Any = None, static_k: Any = None, static_v: Any = None, average_attn_weights: bool = True, is_causal: bool = False,
) -> Any:  # fmt: skip
    """Attention of several heads over (L, N, E) or (L, E); gives the output and the weights (or None)."""
    batched = query._data.ndim == 3
    for mask in (key_padding_mask, attn_mask):
        if mask is not None and not isinstance(mask, Tensor):
            raise TypeError(f"is_floating_point(): argument 'input' (position 1) must be Tensor, not {class_name(mask)}")
    _check_dimensions(query, key, value, key_padding_mask, attn_mask, num_heads)
    for name, mask in (("key_padding_mask", key_padding_mask), ("attn_mask", attn_mask)):
        if mask is not None and mask._data.dtype.kind not in "bfV":
            raise AssertionError(f"only bool and floating types of {name} are supported")
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)  # three tensors from here on, as in PyTorch
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, width = query._data.shape
    if width != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}")
    if use_separate_proj_weight:
        if key._data.shape[:2] != value._data.shape[:2]:
            raise AssertionError(f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
    elif key._data.shape != value._data.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
    head = width // num_heads
    if head * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method `generate_square_subsequent_mask` "
            "to create this mask."
        )
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    q, k, v = _projected(query, key, value, in_proj_weight, separate, in_proj_bias, width)
    d = q._data.dtype
    mask = _mask_of(attn_mask, length, k._data.shape[0], batch, num_heads, d)
    padding = _additive(key_padding_mask, d)
    if padding is not None:
        for place, n in enumerate((batch, k._data.shape[0])):
            if padding._data.shape[place] != n:
                raise AssertionError(f"Expected key_padded_mask.shape[{place}] to be {n}, but got {padding._data.shape[place]}")
    k, v, mask, padding = _extended(k, v, mask, padding, bias_k, bias_v, add_zero_attn, batch)
    q, k, v = (t.view(t._data.shape[0], batch * num_heads, head).transpose(0, 1) for t in (q, k, v))
    source = k._data.shape[1]
    if padding is not None:
        wide = padding.view(batch, 1, 1, source).expand(-1, num_heads, -1, -1).reshape(batch * num_heads, 1, source)
        mask = wide if mask is None else mask + wide
    rate = dropout_p if training else 0.0
    if need_weights:
        scaled, turned = q * math.sqrt(1.0 / head), k.transpose(-2, -1)
        scores = TORCH["bmm"](scaled, turned) if mask is None else TORCH["baddbmm"](mask, scaled, turned)
        weights = scores.softmax(-1)
        if rate > 0:
            weights = dropout(weights, rate)
        out = TORCH["bmm"](weights, v).transpose(0, 1).reshape(length * batch, width)
    else:
        full = None if mask is None else mask.view(batch, num_heads, -1, source) if mask._data.shape[0] != 1 else mask.unsqueeze(0)
        heads = [t.view(batch, num_heads, n, head) for t, n in ((q, length), (k, source), (v, source))]
        mixed = scaled_dot_product_attention(heads[0], heads[1], heads[2], full, rate, is_causal and full is None)
        out = mixed.permute(2, 0, 1, 3).reshape(length * batch, width)
    out = linear(out, out_proj_weight, out_proj_bias).view(length, batch, width)
    out = out if batched else out.squeeze(1)
    if not need_weights:
        return out, None
    weights = weights.view(batch, num_heads, length, source)
    if average_attn_weights:
        weights = weights.mean(dim=1)
    return out, weights if batched else weights.squeeze(0)


def _check_dimensions(query: Any, key: Any, value: Any, padding: Any, mask: Any, heads: int) -> None:
    """PyTorch's errors for a batch beside what is none."""
    n = query._data.ndim
    if n not in (2, 3):
        raise AssertionError(f"query should be unbatched 2D or batched 3D tensor but received {n}-D query tensor")
    told = f"For {'batched (3-D)' if n == 3 else 'unbatched (2-D)'} `query`, expected "
    dims = key._data.ndim, value._data.ndim
    if dims != (n, n):
        raise AssertionError(f"{told}`key` and `value` to be {n}-D but found {dims[0]}-D and {dims[1]}-D tensors respectively")
    if padding is not None and padding._data.ndim != n - 1:
        raise AssertionError(f"{told}`key_padding_mask` to be `None` or {n - 1}-D but found {padding._data.ndim}-D tensor instead")
    if mask is None:
        return
    if mask._data.ndim not in (2, 3):
        raise AssertionError(f"{told}`attn_mask` to be `None`, 2-D or 3-D but found {mask._data.ndim}-D tensor instead")
    want = (heads, query._data.shape[0], key._data.shape[0])
    if n == 2 and mask._data.ndim == 3 and mask._data.shape != want:
        raise AssertionError(f"Expected `attn_mask` shape to be {want} but got {mask.shape}")


def _mask_of(mask: Any, length: int, source: int, batch: int, heads: int, dtype: Any) -> Any:
    """The attention mask as numbers with a dimension for the batch."""
    if mask is None:
        return None
    shape, want = tuple(mask._data.shape), {2: (length, source), 3: (batch * heads, length, source)}.get(mask._data.ndim)
    if want is None:
        raise RuntimeError(f"attn_mask's dimension {mask._data.ndim} is not supported")
    if shape != want:
        raise RuntimeError(f"The shape of the {len(want)}D attn_mask is torch.Size({list(shape)}), but should be {want}.")
    mask = _additive(mask, dtype)
    return mask.unsqueeze(0) if len(want) == 2 else mask


def _extended(k: Any, v: Any, mask: Any, padding: Any, bias_k: Any, bias_v: Any, zero: bool, batch: int) -> tuple[Any, Any, Any, Any]:
    """Keys and values with a learned one and a zero one at the end, and the masks with places for them."""
    from ..views.join import cat_
    from .padding import pad

    more = []
    if bias_k is not None:
        more.append((bias_k.expand(1, batch, -1), bias_v.expand(1, batch, -1)))
    if zero:
        none = told_leaf(np.zeros((1, batch, k._data.shape[2]), k._data.dtype))
        more.append((none, none))
    for extra_k, extra_v in more:
        k, v = cat_([k, extra_k]), cat_([v, extra_v])
        mask = None if mask is None else pad(mask, (0, 1))
        padding = None if padding is None else pad(padding, (0, 1))
    return k, v, mask, padding


__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]
