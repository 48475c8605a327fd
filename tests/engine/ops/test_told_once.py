"""What PyTorch's kernels warn of once a process: the words, the category, and that the second call is silent."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from engine import modes, torch_module

torch = torch_module.module()
F = torch.nn.functional

CALLS = {
    "torch.cholesky(torch.eye(2))": "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future PyTorch release.",
    "torch.lu(torch.eye(2))": "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and will be removed in a future PyTorch release.",
    "torch.lu_solve(torch.ones(2, 1), torch.eye(2), torch.tensor([1, 2], dtype=torch.int32))": "torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand will be removed in a future PyTorch release.",
    "torch.triangular_solve(torch.ones(2, 1), torch.eye(2))": "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be removed in a future PyTorch release.",
    "torch.qr(torch.eye(2))": "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future PyTorch release.",
    "F.conv1d(torch.ones(1, 1, 5), torch.ones(1, 1, 2), padding='same')": "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the input be created",
    "torch.ones(3).index_reduce(0, torch.tensor([0]), torch.ones(1), 'mean')": "index_reduce() is in beta and the API may change at any time.",
    "torch.searchsorted(torch.arange(6.0), torch.arange(6.0)[::2])": "torch.searchsorted(): input value tensor is non-contiguous, this will lower the performance due to extra data copy when converting non-contiguous tensor to contiguous, please use contiguous input value tensor if possible. This message will only appear once per program.",
    "torch.tensor([1 + 1j]).float()": "Casting complex values to real discards the imaginary part",
    "torch.tensor(1.0).mT": "Tensor.mT is deprecated on 0-D tensors. This function is the identity in these cases.",
    "torch.from_numpy(np.broadcast_to(np.ones(1), (2,)))": "The given NumPy array is not writable, and PyTorch does not support non-writable tensors.",
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_the_first_call_is_warned_of(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "told_once", set())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            eval(call, {"torch": torch, "F": F, "np": np})
    assert [w.category for w in told] == [UserWarning]
    assert str(told[0].message).startswith(CALLS[call])
    assert "(Triggered internally at /__w/pytorch/pytorch/" in str(told[0].message)


def test_the_whole_text_of_one() -> None:
    with pytest.warns(UserWarning, match="indexing with dtype") as told:
        torch.ones(2)[torch.tensor([1, 0], dtype=torch.uint8)]
    assert str(told[0].message) == (
        "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead. (Triggered internally at "
        "/__w/pytorch/pytorch/aten/src/ATen/native/IndexingUtils.h:37.)"
    )


def test_a_copy_of_a_tensor_by_new_tensor_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"rather than tensor\.new_tensor\(sourceTensor\)\.$"):
        assert torch.ones(2).double().new_tensor(torch.ones(2)).dtype is torch.float64
