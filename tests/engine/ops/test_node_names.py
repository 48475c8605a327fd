"""Names of last nodes that PyTorch has one node for, and of reshapes that are views with strides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()


@pytest.mark.filterwarnings("ignore:torch.cholesky is deprecated")
@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: x.t().reshape(3, 2), "ReshapeAliasBackward0"),
        (lambda x: x.t().reshape(-1), "UnsafeViewBackward0"),
        (lambda x: x.reshape(-1), "ViewBackward0"),
        (lambda x: x.t().ravel(), "ViewBackward0"),
        (lambda x: x.expand(4, 2, 3).reshape(4, 6), "ReshapeAliasBackward0"),
        (lambda x: torch.nn.functional.grid_sample(x[None, None], torch.zeros(1, 1, 1, 2), align_corners=False), "GridSampler2DBackward0"),
        (lambda x: torch.pdist(x), "PdistBackward0"),
        (lambda x: torch.cholesky(x @ x.t() + torch.eye(2)), "CholeskyBackward0"),
        (lambda x: torch.special.i1(x), "SpecialI1Backward0"),
        (lambda x: torch.linalg.matrix_norm(x, 1), "AmaxBackward0"),
        (lambda x: torch.linalg.norm(x, keepdim=True), "LinalgVectorNormBackward0"),
        (lambda x: torch.quantile(x, torch.tensor([0.2, 0.8]), dim=0), "SqueezeBackward4"),
        (lambda x: torch.quantile(x, 0.5, keepdim=True), "SqueezeBackward4"),
        (lambda x: (x * 2).fill_diagonal_(0.0), "torch::autograd::CopySlices"),
        (lambda x: torch.nn.functional.dropout(x * 2, 0.5, inplace=True), "MulBackward0"),
        (lambda x: reversed(x), "FlipBackward0"),
        (lambda x: torch._weight_norm(x, torch.ones(2, 1), 0), "WeightNormInterfaceBackward0"),
        (lambda x: torch.linalg.lstsq(x.T, x[0]).solution, "LinalgLstsqBackward0"),
        (lambda x: torch.block_diag(x, x[0], x[0, 0]), "BlockDiagBackward0"),
        (lambda x: torch.combinations(x[0]), "StackBackward0"),
        (lambda x: torch.logdet(x @ x.T + torch.eye(2)), "WhereBackward0"),
        (lambda x: torch.linalg.cond(x @ x.T + torch.eye(2)), "SqueezeBackward1"),
        (lambda x: torch.poisson(x), "PoissonBackward0"),
        (lambda x: torch.normal(x, 1.0), "NormalBackward1"),
        (lambda x: torch.normal(0.0, x), "NormalBackward2"),
        (lambda x: torch.normal(x, x), "NormalBackward3"),
        (lambda x: (x * 2).digamma_(), "DigammaBackward0"),
        (lambda x: torch.polygamma(0, x), "PolygammaBackward0"),
        (lambda x: (x * 2).round_(decimals=1), "RoundBackward1"),
        (lambda x: torch.unsafe_chunk(x, 2)[0], "UnsafeSplitBackward0"),
        (lambda x: x.diff(0), "torch::autograd::CopyBackwards"),
        (lambda x: torch.linalg.vecdot(x[0], x[1]), "VdotBackward0"),
        (lambda x: torch.linalg.vander(x), "CatBackward0"),
        (lambda x: torch.linalg.matrix_power(x @ x.T, 0), "torch::autograd::CopyBackwards"),
        (lambda x: x.to(torch.float32, False, True), "ToCopyBackward0"),
        (lambda x: x.view(1, 3, 2, 1).to(memory_format=torch.channels_last), "ToCopyBackward0"),
        (lambda x: torch.nn.BatchNorm1d(3)(x[:0]), "AddBackward0"),
        (lambda x: torch.nn.InstanceNorm1d(2, track_running_stats=True).eval()(x[None]), "ViewBackward0"),
    ],
)
def test_last_node(call: Callable[[Any], Any], name: str) -> None:
    assert call(torch.ones(2, 3, requires_grad=True)).grad_fn.name() == name


def _nodes(last: Any) -> list[str]:
    """The names from the last node on, along the first inputs that have one."""
    found = []
    while last is not None and not last.name().endswith("AccumulateGrad"):
        found.append(last.name())
        last = next((node for node, _ in last.next_functions if node is not None), None)
    return found


@pytest.mark.parametrize(
    ("left", "right", "nodes"),
    [
        (("tracked", 3), ("plain", 2, 3, 4), ["UnsafeViewBackward0", "MvBackward0"]),
        (("plain", 3), ("tracked", 2, 3, 4), ["UnsafeViewBackward0", "BmmBackward0", "ViewBackward0", "ExpandBackward0"]),
        (("plain", 5, 2, 3), ("tracked", 1, 3, 4), ["UnsafeViewBackward0", "MmBackward0", "SqueezeBackward1"]),
        (
            ("tracked", 1, 2, 3), ("plain", 5, 3, 4),
            ["CloneBackward0", "TransposeBackward0", "UnsafeViewBackward0", "MmBackward0", "TBackward0", "SqueezeBackward1"],
        ),
    ],
)  # fmt: skip
def test_products_with_what_is_alone_in_its_batch(left: Any, right: Any, nodes: list[str]) -> None:
    x, y = (torch.randn(*size, requires_grad=kind == "tracked") for kind, *size in (left, right))
    made = x @ y
    assert _nodes(made.grad_fn) == nodes
    assert torch.allclose(made, torch.einsum("...j,bjk->b...k", x[0] if x.dim() == 3 and len(x) == 1 else x, y) if len(y) > 1 else x @ y[0])


def test_nothing_leaves_the_statistics_of_a_batch_norm_as_they_are() -> None:
    norm = torch.nn.BatchNorm1d(3)
    assert norm(torch.ones(0, 3, 2)).shape == (0, 3, 2)
    assert norm.running_mean.tolist() == [0, 0, 0]
    assert norm.num_batches_tracked == 1


def test_fractional_pools_of_nothing() -> None:
    x = torch.ones(0, 1, 4, 5, 4, requires_grad=True)
    pooled = torch.nn.functional.fractional_max_pool3d(x, 2, output_size=2)
    pooled.sum().backward()
    assert (pooled.shape, x.grad.shape) == ((0, 1, 2, 2, 2), (0, 1, 4, 5, 4))


def test_a_count_has_no_gradient() -> None:
    x = torch.ones(3, requires_grad=True)
    torch.linalg.vector_norm(x, 0).backward()
    assert x.grad is None


def test_norms_of_nothing() -> None:
    assert torch.linalg.matrix_norm(torch.ones(0, 3), float("inf")).item() == 0
    with pytest.raises(IndexError, match=r"amin\(\): Expected reduction dim 0 to have non-zero size."):
        torch.linalg.matrix_norm(torch.ones(3, 0), -1)


def test_attention_of_four_dimensions_is_one_node() -> None:
    attention = torch.nn.functional.scaled_dot_product_attention
    x = torch.ones(1, 2, 3, 4, requires_grad=True)
    name = "ScaledDotProductFlashAttentionForCpuBackward0"
    assert [attention(x, x, x, **more).grad_fn.name() for more in ({}, {"is_causal": True}, {"attn_mask": torch.zeros(3, 3)})] == [name] * 3
    assert attention(x[0], x[0], x[0]).grad_fn.name() == attention(x, x, x, dropout_p=0.5).grad_fn.name() == "UnsafeViewBackward0"


@pytest.mark.parametrize(
    "write", [lambda y: y[0].fill_(1.0), lambda y: y[0].masked_fill_(y[0] > 0, 1.0), lambda y: y[0].lerp_(torch.ones(3), 0.5)]
)
def test_a_number_written_into_a_view_is_no_edge(write: Callable[[Any], Any]) -> None:
    y = torch.ones(2, 3, requires_grad=True) * 2
    write(y)
    assert all(edge is not None for edge, _ in y.grad_fn.next_functions[:1])
    assert len(y.grad_fn.next_functions) == (2 if y[0, 0] == 1.5 else 1)


def test_the_diagonal_is_filled_again_below_a_square() -> None:
    x = torch.ones(5, 2, requires_grad=True)
    y = x * 2
    y.fill_diagonal_(7.0, wrap=True)
    y.sum().backward()
    assert y.tolist() == [[7, 2], [2, 7], [2, 2], [7, 2], [2, 7]]
    assert x.grad.tolist() == [[0, 2], [2, 0], [2, 2], [0, 2], [2, 0]]


@pytest.mark.parametrize(
    ("equation", "name"),
    [
        ("ij->ji", "PermuteBackward0"),
        ("ij->", "SumBackward1"),
        ("ii->i", "PermuteBackward0"),
        ("i,j->ij", "MulBackward0"),
        ("ij,jk->ik", "ViewBackward0"),
    ],
)
def test_last_node_of_einsum(equation: str, name: str) -> None:
    x = torch.ones(2, 2, requires_grad=True)
    terms = equation.partition("->")[0].split(",")
    assert torch.einsum(equation, *(x[0] if len(term) == 1 else x for term in terms)).grad_fn.name() == name


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("xlogy", "XlogyBackward1"),
        ("remainder", "torch::autograd::NotImplemented"),
        ("special.xlog1py", "SpecialXlog1PyBackward1"),
        ("special.zeta", "SpecialZetaBackward1"),
    ],
)
def test_a_number_that_stands_first_is_no_edge(name: str, node: str) -> None:
    function = torch.special if name.startswith("special.") else torch
    made = getattr(function, name.rpartition(".")[2])(2.0, torch.ones(3, requires_grad=True)).grad_fn
    assert made.name() == node
    assert len(made.next_functions) == 1


def test_einsum_drops_summed_dimensions_in_a_view() -> None:
    W, u = torch.ones(3, 5, 6, 4, requires_grad=True), torch.ones(2, 5, 4)
    assert torch.einsum("ocij,bcj->boci", W, u).grad_fn.name() == "ViewBackward0"


def test_the_class_of_a_node_has_no_module() -> None:
    assert repr(type((torch.ones(1, requires_grad=True) * 2).grad_fn)) == "<class 'MulBackward0'>"


def test_weight_norm_has_gradients_of_any_order() -> None:
    torch.manual_seed(0)
    v, g = (torch.randn(3, n, dtype=torch.float64, requires_grad=True) for n in (4, 1))
    assert torch.autograd.gradcheck(lambda v, g: torch._weight_norm(v, g, 0), (v, g))
    assert torch.autograd.gradgradcheck(lambda v, g: torch._weight_norm(v, g, 0), (v, g))
