"""Shapes, masks and indices that cannot be, with the words that PyTorch 2.13 prints for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
nn, functional = torch.nn, torch.nn.functional

image, rows = torch.ones(1, 3, 4, 4), torch.ones(4, 3)
cube = torch.arange(24).reshape(2, 3, 4)
attention = nn.MultiheadAttention(8, 2, batch_first=True)
tokens = torch.ones(2, 3, 8)


def store(key: Any, value: Any) -> None:
    torch.zeros(3, 3)[key] = value


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: functional.conv2d(image, torch.ones(2, 3, 3, 3), stride=(1, 2, 3)), RuntimeError, "expected stride to be a single integer value or a list of 2 values to match the convolution dimensions, but got stride=[1, 2, 3]"),
        (lambda: nn.ConvTranspose2d(3, 2, 3, output_padding=1)(image), RuntimeError, "output padding must be smaller than either stride or dilation, but got output_padding_height: 1 output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1"),
        (lambda: functional.conv_transpose2d(image, torch.ones(2, 3, 3, 3)), RuntimeError, "Given transposed=1, weight of size [2, 3, 3, 3], expected input[1, 3, 4, 4] to have 2 channels, but got 3 channels instead"),
        (lambda: functional.conv_transpose2d(image, torch.ones(3, 2, 2, 2), padding=4), RuntimeError, "Given input size per channel: (4 x 4). Calculated output size per channel: (-3 x -3). Output size is too small"),
        (lambda: functional.conv_transpose1d(rows[None, :3], torch.ones(3, 1, 2), padding=4), RuntimeError, "Given input size per channel: (1 x 3). Calculated output size per channel: (1 x -4). Output size is too small"),
        (lambda: functional.avg_pool2d(torch.ones(4, 4), 2), IndexError, "Dimension out of range (expected to be in range of [-2, 1], but got -3)"),
        (lambda: functional.avg_pool1d(torch.ones(4), 2), RuntimeError, "Expected 2 to 3 dimensions, but got 1-dimensional tensor for argument #1 'self' (while checking arguments for avg_pool1d)"),
        (lambda: functional.adaptive_avg_pool2d(torch.ones(4), 2), RuntimeError, "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got [4]"),
        (lambda: functional.pad(image, (4, 1, 1, 1), mode="reflect"), RuntimeError, "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (4, 1) at dimension 3 of input [1, 3, 4, 4]"),
        (lambda: functional.pad(rows[None], (4, 4), mode="circular"), RuntimeError, "Padding value causes wrapping around more than once."),
        (lambda: functional.interpolate(rows[None], scale_factor=2, mode="bicubic"), NotImplementedError, "Input Error: Only 3D, 4D and 5D input Tensors supported (got 3D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got bicubic)"),
        (lambda: functional.interpolate(image, scale_factor=0.1), RuntimeError, "Input and output sizes should be greater than 0, but got input (H: 4, W: 4) output (H: 0, W: 0)"),
        (lambda: functional.grid_sample(image, torch.ones(1, 2, 2), align_corners=False), RuntimeError, "grid_sampler(): expected 4D input and grid with same number of dimensions, but got input with sizes [1, 3, 4, 4] and grid with sizes [1, 2, 2]"),
        (lambda: functional.affine_grid(torch.ones(2, 3), (1, 1, 2, 2), align_corners=False), ValueError, "Expected a batch of 2D affine matrices of shape Nx2x3 for size (1, 1, 2, 2). Got torch.Size([2, 3])."),
        (lambda: functional.fold(torch.ones(1, 4, 3), (4, 4), 2), RuntimeError, "Given output_size=(4, 4), kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1), expected size of input's dimension 2 to match the calculated number of sliding blocks 3 * 3 = 9, but got input.size(2)=3."),
        (lambda: functional.fractional_max_pool2d(image.double(), 2, output_size=2, _random_samples=torch.rand(1, 3, 2)), RuntimeError, "Expect _random_samples to have the same dtype as input"),
        (lambda: functional.unfold(image, 5), RuntimeError, "Given input with spatial size (4, 4), kernel_size=(5, 5), dilation=(1, 1), padding=(0, 0), calculated shape of the array of sliding blocks as (0, 0), but its components must be at least one."),
        (lambda: functional.multi_margin_loss(rows, torch.tensor([0, 1, 2, 9])), RuntimeError, "target out of range"),
        (lambda: functional.binary_cross_entropy(torch.ones(2), torch.ones(2) * 2), RuntimeError, "all elements of target should be between 0 and 1"),
        (lambda: functional.cosine_embedding_loss(rows, rows[0], torch.ones(4)), RuntimeError, "1D target tensor expects 2D input tensors, but found inputs with sizes [4, 3] and [3]."),
        (lambda: attention(tokens, tokens[:1], tokens), AssertionError, "key shape torch.Size([3, 1, 8]) does not match value shape torch.Size([3, 2, 8])"),
        (lambda: attention(tokens[0], tokens, tokens), AssertionError, "For unbatched (2-D) `query`, expected `key` and `value` to be 2-D but found 3-D and 3-D tensors respectively"),
        (lambda: attention(tokens, tokens, tokens, key_padding_mask=torch.zeros(2, 2).bool()), AssertionError, "Expected key_padded_mask.shape[1] to be 3, but got 2"),
        (lambda: torch.einsum("ii->i", torch.ones(3, 4)), RuntimeError, "einsum(): subscript i is repeated for operand 0 but the sizes don't match, 4 != 3"),
        (lambda: torch.einsum("ij,i1->i", rows, rows), RuntimeError, "einsum(): invalid subscript given at index 4 in the equation string, subscripts must be in [a-zA-Z]"),
        (lambda: torch.ones(4).addmv(torch.ones(3, 4), torch.ones(4)), RuntimeError, "size mismatch, got input (4), mat (3x4), vec (4)"),
        (lambda: torch.broadcast_shapes((2, 3), (4,)), RuntimeError, "Attempting to broadcast a dimension of length 4 at -1! Mismatching argument at index 1 had (4,); but expected shape should be broadcastable to [2, 3]"),
        (lambda: cube[torch.tensor([0, 1]), torch.tensor([0, 1, 2])], IndexError, "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]"),
        (lambda: cube[::0], ValueError, "slice step cannot be zero"),
        (lambda: store(0, [1, 2, 3]), TypeError, "can't assign a list to a torch.FloatTensor"),
        (lambda: store(0, 1j), RuntimeError, "value cannot be converted to type float without overflow"),
        (lambda: float(torch.tensor(1j)), RuntimeError, "value cannot be converted to type double without overflow"),
    ],
)  # fmt: skip
def test_words(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == text


def test_a_short_list_of_lists_is_a_tuple_of_indices() -> None:
    assert cube[[[0, 1], [0, 1]]].tolist() == [[0, 1, 2, 3], [16, 17, 18, 19]]
    assert cube[[0, [1, 2]]].tolist() == [[4, 5, 6, 7], [8, 9, 10, 11]]
    assert cube[[[[0, 1], [0, 1]]]].shape == (2, 2, 3, 4)
