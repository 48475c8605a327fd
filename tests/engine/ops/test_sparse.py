"""Sparse tensors in coordinates: numbers, gradients, prints, nodes and errors as PyTorch 2.13 has them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
AT = torch.tensor([[0, 1, 1], [2, 0, 2]])


def sparse(requires_grad: bool = False) -> tuple[Any, Any]:
    """(the matrix [[0, 0, 3], [4, 0, 5]], its numbers)."""
    numbers = torch.tensor([3.0, 4.0, 5.0], requires_grad=requires_grad)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.sparse_coo_tensor(AT, numbers, (2, 3)), numbers


def dense() -> Any:
    return torch.arange(6.0).reshape(3, 2).requires_grad_()


# what is computed of a matrix and a dense one: the node, and the gradients of both where the k-th number of the result counts k times
GRADIENTS: dict[str, tuple[Callable[[Any, Any], Any], str, list[float], list[list[float]] | None]] = {
    "sparse.mm": (lambda s, d: torch.sparse.mm(s, d), "SparseAddmmBackward0", [5.0, 3.0, 23.0], [[8.0, 12.0], [0.0, 0.0], [10.0, 18.0]]),
    "mm": (lambda s, d: torch.mm(s, d), "MmBackward0", [5.0, 3.0, 23.0], [[8.0, 12.0], [0.0, 0.0], [10.0, 18.0]]),
    "spmm": (lambda s, d: torch.spmm(s, d), "MmBackward0", [5.0, 3.0, 23.0], [[8.0, 12.0], [0.0, 0.0], [10.0, 18.0]]),
    "@": (lambda s, d: s @ d, "MmBackward0", [5.0, 3.0, 23.0], [[8.0, 12.0], [0.0, 0.0], [10.0, 18.0]]),
    "@ vector": (lambda s, d: s @ d[:, 0], "MvBackward0", [0.0, 0.0, 4.0], [[4.0, 0.0], [0.0, 0.0], [5.0, 0.0]]),
    "to_dense": (lambda s, _: s.to_dense(), "ToDenseBackward0", [2.0, 3.0, 5.0], None),
    "coalesce": (lambda s, _: s.coalesce(), "CoalesceBackward0", [2.0, 3.0, 5.0], None),
    "values": (lambda s, _: s.coalesce().values(), "ValuesBackward0", [0.0, 1.0, 2.0], None),
    "t": (lambda s, _: s.t(), "TBackward0", [4.0, 1.0, 5.0], None),
    "T": (lambda s, _: s.T, "PermuteBackward0", [4.0, 1.0, 5.0], None),
    "by a number": (lambda s, _: s * 2, "MulBackward0", [4.0, 6.0, 10.0], None),
    "divided": (lambda s, _: s / 2, "DivBackward0", [1.0, 1.5, 2.5], None),
    "sum of a dimension": (lambda s, _: torch.sparse.sum(s, 1), "SparseSumBackward0", [0.0, 1.0, 1.0], None),
    "softmax": (lambda s, _: torch.sparse.softmax(s, 1), "SparseSoftmaxBackward0", [0.0, -0.3932, 0.3932], None),
    "added to dense": (lambda s, d: d.t() + s, "AddBackward0", [2.0, 3.0, 5.0], [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_of_the_kept_numbers_and_of_the_dense_matrix(name: str) -> None:
    compute, node, of_numbers, of_dense = GRADIENTS[name]
    s, numbers = sparse(requires_grad=True)
    d = dense()
    result = compute(s, d)
    assert type(result.grad_fn).__name__ == node
    whole = result.to_dense()
    (whole * torch.arange(whole.numel()).reshape(whole.shape)).sum().backward()
    assert numbers.grad.tolist() == pytest.approx(of_numbers, abs=1e-4)
    assert (None if d.grad is None else d.grad.tolist()) == of_dense


def test_a_sparse_leaf_has_a_sparse_gradient() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        a = torch.sparse_coo_tensor(AT, [3.0, 4.0, 5.0], (2, 3), requires_grad=True)
    torch.sparse.mm(a, dense()).sum().backward()
    assert repr(a) == (
        "tensor(indices=tensor([[0, 1, 1],\n                       [2, 0, 2]]),\n       values=tensor([3., 4., 5.]),\n"
        "       size=(2, 3), nnz=3, layout=torch.sparse_coo, requires_grad=True)"
    )
    assert repr(a.grad) == (
        "tensor(indices=tensor([[0, 1, 1],\n                       [2, 0, 2]]),\n       values=tensor([9., 1., 9.]),\n"
        "       size=(2, 3), nnz=3, layout=torch.sparse_coo)"
    )
    assert str(type(a)) == "<class 'torch.Tensor'>"


def test_what_is_printed() -> None:
    s, _ = sparse(requires_grad=True)
    assert repr(s).endswith("size=(2, 3), nnz=3, layout=torch.sparse_coo,\n       grad_fn=<SparseCooTensorWithDimsAndTensorsBackward0>)")
    assert repr(torch.zeros(2, 3).to_sparse()) == (
        "tensor(indices=tensor([], size=(2, 0)),\n       values=tensor([], size=(0,)),\n       size=(2, 3), nnz=0, layout=torch.sparse_coo)"
    )
    assert repr(torch.eye(2).double().to_sparse()) == (
        "tensor(indices=tensor([[0, 1],\n                       [0, 1]]),\n       values=tensor([1., 1.]),\n"
        "       size=(2, 2), nnz=2, dtype=torch.float64, layout=torch.sparse_coo)"
    )


def test_numbers_at_the_same_place_are_summed() -> None:
    u = torch.sparse_coo_tensor(torch.tensor([[0, 0, 1], [1, 1, 0]]), torch.tensor([1.0, 2.0, 3.0]), (2, 2), check_invariants=False)
    assert (u.is_coalesced(), u._nnz(), u._values().tolist()) == (False, 3, [1.0, 2.0, 3.0])
    c = u.coalesce()
    assert (c.is_coalesced(), c._nnz()) == (True, 2)
    assert (c.indices().tolist(), c.values().tolist()) == ([[0, 1], [1, 0]], [3.0, 3.0])
    assert u.to_dense().tolist() == [[0.0, 3.0], [3.0, 0.0]]
    assert u.sum().item() == 6.0
    assert (u + u).to_dense().tolist() == [[0.0, 6.0], [6.0, 0.0]]


def test_what_stays_sparse() -> None:
    s, _ = sparse()
    other = torch.eye(2, 3).to_sparse()
    assert (s.is_sparse, s.layout, s.shape, len(s), s.sparse_dim(), s.dense_dim()) == (True, torch.sparse_coo, (2, 3), 2, 2, 0)
    assert (s + other).to_dense().tolist() == [[1.0, 0.0, 3.0], [4.0, 1.0, 5.0]]
    assert (s @ s.t()).to_dense().tolist() == [[9.0, 15.0], [15.0, 41.0]]
    assert torch.cat([s, s]).to_dense().tolist() == [[0.0, 0.0, 3.0], [4.0, 0.0, 5.0]] * 2
    assert torch.stack([s, s]).shape == (2, 2, 3)
    assert s[1].to_dense().tolist() == [4.0, 0.0, 5.0]
    assert (s[1, 2].item(), s[0, 1].item()) == (5.0, 0.0)
    assert torch.relu(-s).to_dense().tolist() == [[0.0] * 3] * 2
    assert (s * torch.full((2, 3), 2.0)).coalesce().values().tolist() == [6.0, 8.0, 10.0]
    assert torch.sparse.addmm(torch.ones(2, 2), s, torch.ones(3, 2)).tolist() == [[4.0, 4.0], [10.0, 10.0]]


ERRORS: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "values of many": (
        lambda s: s.values(), RuntimeError, "Cannot get values on an uncoalesced tensor, please call .coalesce() first",
    ),
    "dense after sparse": (
        lambda s: s + torch.ones(2, 3), RuntimeError, "add(sparse, dense) is not supported. Use add(dense, sparse) instead.",
    ),
    "sizes": (lambda s: torch.sparse.mm(s, torch.ones(2, 2)), RuntimeError, "addmm: Argument #3 (dense): Expected dim 0 size 3, got 2"),
    "sizes of a sum": (lambda s: s + s.t(), RuntimeError, "add: expected sizes of 'self' and 'other' to match, but [2, 3] != [3, 2]"),
    "dtypes": (lambda s: s @ torch.ones(3, 1).double(), RuntimeError, "expected scalar type Float but found Double"),
    "numpy": (lambda s: s.numpy(), TypeError, "can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() first."),
    "of a dense one": (
        lambda _: torch.ones(2).coalesce(), RuntimeError, "coalesce expected sparse coordinate tensor layout but got Strided",
    ),
    "too few numbers": (
        lambda _: torch.sparse_coo_tensor(AT, torch.ones(2), (2, 3)), RuntimeError,
        "indices and values must have same nnz, but got nnz from indices: 3, nnz from values: 2",
    ),
    "one row of places": (
        lambda _: torch.sparse_coo_tensor(torch.tensor([0, 1]), torch.ones(2), (2, 2)), RuntimeError,
        "indices must be sparse_dim x nnz, but got: [2]",
    ),
    "no such kernel": (lambda s: torch.exp(s), NotImplementedError, "Could not run 'aten::exp' with arguments from the 'SparseCPU' backend."),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    call, kind, words = ERRORS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(kind) as told:
            call(sparse()[0])
    assert str(told.value).startswith(words)


@pytest.mark.parametrize(
    ("key", "words"),
    [((0, 2, 1), "too many indices for tensor of dimension 2"), ((5,), "index 5 is out of bounds for dimension 0 with size 2"),
     ((1, -4), "index -4 is out of bounds for dimension 1 with size 3")],
)  # fmt: skip
def test_an_index_beyond_the_end_is_told_in_pytorchs_words(key: tuple[int, ...], words: str) -> None:
    with pytest.raises(IndexError) as told:
        sparse()[0][key]
    assert str(told.value) == words


def test_only_what_is_no_sum_adds_the_numbers_of_one_place_before() -> None:
    twice = torch.sparse_coo_tensor([[0, 0], [1, 1]], [3.0, 4.0], (2, 3), check_invariants=False)
    assert (-twice)._values().tolist() == [-3.0, -4.0]
    assert torch.sqrt(twice)._values().tolist() == [torch.sqrt(torch.tensor(7.0)).item()]
