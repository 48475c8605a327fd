"""How results lie in memory: views of them and the order of random numbers go by it. The strides are real PyTorch's."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()
F = torch.nn.functional

IN_ROWS = {
    "cat": ("torch.cat([x, x])", (3, 1)),
    "cat along columns": ("torch.cat([x, x], 1)", (6, 1)),
    "hstack": ("torch.hstack([x, x])", (6, 1)),
    "stack": ("torch.stack([x, x], 1)", (6, 3, 1)),
    "softmax": ("x.softmax(1)", (3, 1)),
    "softmax along rows": ("x.softmax(0)", (3, 1)),
    "log_softmax": ("x.log_softmax(1)", (3, 1)),
    "masked_fill": ("x.masked_fill(x > 2, 0.0)", (3, 1)),
    "layer_norm": ("F.layer_norm(x, (3,))", (3, 1)),
    "batch_norm": ("F.batch_norm(x, None, None, training=True)", (3, 1)),
    "instance_norm": ("F.instance_norm(x[None])", (6, 3, 1)),
    "pad": ("F.pad(x, (1, 1))", (5, 1)),
    "roll": ("x.roll(1, 0)", (3, 1)),
    "exp keeps the order": ("x.exp()", (1, 2)),
    "sum keeps the order": ("x + 1", (1, 2)),
}


@pytest.mark.parametrize(("call", "strides"), IN_ROWS.values(), ids=IN_ROWS)
def test_the_layout_of_a_result_of_a_transposed_matrix(call: str, strides: tuple[int, ...]) -> None:
    x = torch.arange(6.0).view(3, 2).t()
    assert eval(call, {"torch": torch, "F": F, "x": x}).stride() == strides


# x is a cube of 2 x 3 x 4 that lies in rows, y the same numbers seen from behind (4 x 3 x 2).
OF_A_CUBE = {
    "some columns": ("x[:, [0, 2]]", (8, 4, 1)),
    "some columns of the last dimension": ("x[:, :, [[0, 3]]]", (6, 2, 2, 1)),
    "places in two dimensions": ("x[:, [0, 2], [1, 1]]", (2, 1)),
    "places apart": ("x[[0, 1], :, [0, 3]]", (3, 1)),
    "columns from behind": ("y[:, [0, 2]]", (1, 4, 8)),
    "last columns from behind": ("y[:, :, [0, 1, 0]]", (3, 12, 1)),
    "a mask from behind": ("y[:, torch.ones(3, 2) > 0]", (6, 1)),
    "sum": ("y.sum(1)", (2, 1)),
    "mean": ("y.mean(0, keepdim=True)", (6, 2, 1)),
    "amax": ("y.amax(1)", (2, 1)),
    "std": ("y.std(1)", (2, 1)),
    "norm": ("y.norm(dim=1)", (2, 1)),
    "logsumexp": ("y.logsumexp(0)", (2, 1)),
    "prod": ("y.prod(1)", (2, 1)),
    "any": ("y.any(1)", (2, 1)),
    "cummax": ("x.cummax(1)[0]", (12, 4, 1)),
    "cross": ("torch.linalg.cross(x, x, dim=1)", (12, 4, 1)),
    "tril": ("y.tril()", (6, 2, 1)),
    "masked_scatter": ("x[0, 0].masked_scatter(x[0] > 2, x[1])", (4, 1)),
    "einsum, the other way round": ("torch.einsum('bij,bjk->bki', x, y.permute(2, 0, 1))", (9, 3, 1)),
    "einsum of three": ("torch.einsum('ij,jk,kl->li', x[0], y[:, :, 0], x[0])", (1, 4)),
    "grid_sample": ("F.grid_sample(x[None], torch.zeros(1, 5, 5, 2), align_corners=True)", (50, 25, 5, 1)),
    "flip keeps the order": ("y.flip(0)", (1, 4, 12)),
    "sort keeps the order": ("y.sort(0)[1]", (1, 4, 12)),
    "index_fill keeps the order": ("y.index_fill(0, torch.tensor([0]), 1.0)", (1, 4, 12)),
    "rot90 turns it": ("torch.rot90(x, 1, (0, 1))", (4, 12, 1)),
    "unique slices": ("x.unique(dim=1)", (4, 8, 1)),
    "nonzero, a dimension after the other": ("torch.nonzero(x + 1)", (1, 24)),
    "a cast of what is expanded": ("x[0, 0].expand(5, 4).double()", (4, 1)),
    "erf of what is expanded": ("x[0, 0].expand(5, 4).erf()", (4, 1)),
    "a cast to another format": ("x[None].int(memory_format=torch.channels_last)", (24, 1, 8, 2)),
}


@pytest.mark.parametrize(("call", "strides"), OF_A_CUBE.values(), ids=OF_A_CUBE)
def test_the_layout_of_what_is_taken_of_a_cube(call: str, strides: tuple[int, ...]) -> None:
    x = torch.arange(24.0).view(2, 3, 4)
    assert eval(call, {"torch": torch, "F": F, "x": x, "y": x.permute(2, 1, 0)}).stride() == strides


IN_COLUMNS = {
    "cholesky": "torch.linalg.cholesky(m)",
    "cholesky_inverse": "torch.cholesky_inverse(m)",
    "qr": "torch.linalg.qr(m)[0]",
    "svd": "torch.linalg.svd(m)[2]",
    "eigh": "torch.linalg.eigh(m)[1]",
    "eig": "torch.linalg.eig(m)[1]",
    "lu_factor": "torch.linalg.lu_factor(m)[0]",
    "inv": "torch.linalg.inv(m)",
    "solve": "torch.linalg.solve(m, m)",
    "solve_triangular": "torch.linalg.solve_triangular(m, m, upper=True)",
    "solve_triangular from the right": "torch.linalg.solve_triangular(m, m, upper=True, left=False)",
}


@pytest.mark.parametrize("call", IN_COLUMNS.values(), ids=IN_COLUMNS)
def test_factors_lie_in_columns(call: str) -> None:
    made = eval(call, {"torch": torch, "m": torch.eye(3).expand(2, 3, 3)})
    assert (made.stride(), made.is_contiguous()) == ((9, 1, 3), False)
    with pytest.raises(RuntimeError, match=r"^view size is not compatible"):
        made.view(2, 9)


def test_pictures_with_innermost_channels_stay_so() -> None:
    x = torch.arange(24.0).view(2, 2, 2, 3).permute(0, 3, 1, 2)
    assert F.batch_norm(x, None, None, training=True).stride() == (12, 1, 6, 3)


# p: pictures of 2 x 3 x 6 x 4 whose channels lie innermost
PICTURES = {
    "conv2d": ("F.conv2d(p, torch.ones(5, 3, 3, 3))", (40, 1, 10, 5)),
    "conv2d by its weight": ("F.conv2d(p.contiguous(), torch.ones(5, 3, 3, 3).to(memory_format=torch.channels_last))", (40, 1, 10, 5)),
    "conv_transpose2d": ("F.conv_transpose2d(p, torch.ones(3, 5, 2, 2))", (175, 1, 25, 5)),
    "max_pool2d": ("F.max_pool2d(p, 3, 2)", (6, 1, 3, 3)),
    "max_pool2d side by side": ("F.max_pool2d(p, 2)", (18, 1, 6, 3)),
    "places of a maximum": ("F.max_pool2d(p, 2, return_indices=True)[1]", (18, 1, 6, 3)),
    "avg_pool2d": ("F.avg_pool2d(p, 2)", (18, 1, 6, 3)),
    "adaptive_avg_pool2d": ("F.adaptive_avg_pool2d(p, 2)", (12, 1, 6, 3)),
    "adaptive_max_pool2d": ("F.adaptive_max_pool2d(p, 2)", (12, 1, 6, 3)),
    "max_unpool2d": ("F.max_unpool2d(*F.max_pool2d(p, 2, return_indices=True), 2)", (72, 1, 12, 3)),
    "cat": ("torch.cat([p, p], 1)", (144, 1, 24, 6)),
    "cat with another": ("torch.cat([p, p.contiguous()], 1)", (144, 24, 4, 1)),
    "interpolate": ("F.interpolate(p, scale_factor=2)", (288, 1, 24, 3)),
    "pad": ("F.pad(p, (1, 1))", (108, 1, 18, 3)),
    "group_norm": ("F.group_norm(p, 1)", (72, 1, 12, 3)),
    "channel_shuffle": ("F.channel_shuffle(p, 3)", (72, 1, 12, 3)),
    "one picture": ("F.max_pool2d(p[0], 2)", (6, 2, 1)),
    "one picture, averaged": ("F.avg_pool2d(p[0], 2)", (6, 2, 1)),
    "turned pictures": ("F.max_pool2d(p.contiguous().mT, 2)", (18, 6, 3, 1)),
    "a layer": ("torch.nn.Conv2d(3, 5, 3).to(memory_format=torch.channels_last)(p.contiguous())", (40, 1, 10, 5)),
}


@pytest.mark.parametrize(("call", "strides"), PICTURES.values(), ids=PICTURES)
def test_what_is_made_of_pictures_lies_as_they_do(call: str, strides: tuple[int, ...]) -> None:
    p = torch.arange(144.0).view(2, 3, 6, 4).to(memory_format=torch.channels_last)
    assert eval(call, {"torch": torch, "F": F, "p": p}).stride() == strides


def test_a_network_of_pictures_has_a_layer_of_numbers() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(32, 2))
    network = network.to(torch.float64, memory_format=torch.channels_last)
    assert network[0].weight.stride() == (27, 1, 9, 3)
    assert {p.dtype for p in network.parameters()} == {torch.float64}
    assert network(torch.ones(2, 3, 6, 4, dtype=torch.float64)).shape == (2, 2)


def test_dropout_behind_softmax_draws_in_the_order_of_rows() -> None:
    scores = torch.zeros(2, 3).t()
    torch.manual_seed(0)
    assert F.dropout(scores.softmax(0), 0.5).gt(0).int().tolist() == [[0, 0], [1, 0], [0, 0]]
