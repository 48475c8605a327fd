"""Calls at the sizes of a lesson, forward and backward, beside PyTorch's: the rest of what scripts are made of."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from engine.torch_module import module as engine_torch

from ..row import Row
from .measure import interleaved, ratio
from .programs import eager, peer_torch
from .workloads import Workload

_SETUP = """
def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)

x, words, lines = leaf(5, 5), leaf(2, 5, 8), leaf(2, 3, 10)
image, images = leaf(2, 3, 8, 8), leaf(16, 8, 14, 14)
kernels, line_kernels, back_kernels = leaf(4, 3, 3, 3), leaf(4, 3, 3), leaf(3, 4, 3, 3)
classes = torch.tensor([0, 1, 2, 3, 4])
"""
_CALLS = (
    "F.max_pool2d(image, 2)",
    "F.max_pool2d(images, 2)",
    "F.avg_pool2d(image, 2)",
    "F.avg_pool2d(images, 2)",
    "F.adaptive_avg_pool2d(image, 1)",
    "F.adaptive_avg_pool2d(image, 4)",
    "F.adaptive_max_pool2d(image, 2)",
    "F.max_pool1d(lines, 2)",
    "F.avg_pool1d(lines, 2)",
    "F.conv2d(image, kernels)",
    "F.conv2d(image, kernels, padding=1)",
    "F.conv1d(lines, line_kernels)",
    "F.conv_transpose2d(image, back_kernels, stride=2)",
    "F.pad(image, (1, 1, 1, 1))",
    'F.pad(image, (1, 1, 1, 1), mode="reflect")',
    "F.interpolate(image, scale_factor=2)",
    'F.interpolate(image, scale_factor=2, mode="bilinear")',
    "F.unfold(image, 3)",
    "F.batch_norm(image, None, None, training=True)",
    "F.layer_norm(words, (8,))",
    "F.group_norm(image, 3)",
    "F.softmax(x, 1)",
    "F.log_softmax(x, 1)",
    "F.gelu(x)",
    "F.silu(x)",
    "F.elu(x)",
    "F.leaky_relu(x)",
    "F.softplus(x)",
    "F.dropout(x)",
    "F.cross_entropy(x, classes)",
    "F.nll_loss(x, classes)",
    "F.mse_loss(x, x.detach())",
    "F.l1_loss(x, x.detach() + 1)",
    "F.smooth_l1_loss(x, x.detach() + 1)",
    "F.binary_cross_entropy_with_logits(x, (x.detach() > 0).float())",
    "F.binary_cross_entropy(torch.sigmoid(x), (x.detach() > 0).float())",
    'F.kl_div(x, x.detach(), reduction="batchmean")',
    "F.cosine_similarity(x, x.detach() + 1)",
    "F.normalize(x)",
    "F.scaled_dot_product_attention(words, words, words)",
    "F.grid_sample(image, torch.zeros(2, 4, 4, 2), align_corners=False)",
    "F.embedding(torch.tensor([0, 1, 2]), x)",
    'torch.einsum("ij, jk->ik", x, x)',
    'torch.einsum("bij, bkj->bik", words, words)',
    "torch.bmm(words, words.transpose(1, 2))",
    "x @ x",
    "torch.cat([x, x])",
    "torch.stack([x, x])",
    "torch.where(x > 0, x, -x)",
    "x.std()",
    "x.var(0)",
    "x.norm()",
    "x.max(1)[0]",
    "x.prod()",
    "x.cumsum(0)",
    "x.sort()[0]",
    "x.topk(2)[0]",
    "x[0]",
    "x[:, 1:3]",
    "x[torch.tensor([0, 2])]",
    "x[x > 0]",
    "x.gather(1, torch.zeros(5, 1, dtype=torch.int64))",
    "x.unsqueeze(0).expand(3, 5, 5)",
    "x.reshape(25)",
    "x.permute(1, 0)",
    "x.split(2)[0]",
    "x.chunk(2)[0]",
    "x.clamp(0, 1)",
    "x.abs()",
    "x.pow(2)",
    "x**0.5",
    "torch.sqrt(x.abs())",
    "torch.inner(x, x)",
    "torch.outer(x[0], x[0])",
    "torch.dot(x[0], x[0])",
    "torch.tril(x)",
    "torch.linalg.inv(x)",
    "torch.linalg.det(x)",
    "torch.linalg.solve(x, x)",
    "torch.linalg.norm(x)",
    "torch.cdist(x, x)",
    "torch.logsumexp(x, 1)",
    "x.roll(1, 0)",
    "x.flip(0)",
    "x.repeat(2, 1)",
    "x.masked_fill(x > 0, 0.0)",
)
_LAYERS = {
    "nn.LSTM(8, 4, batch_first=True)": "m(words)[0]",
    "nn.GRU(8, 4, batch_first=True)": "m(words)[0]",
    "nn.RNN(8, 4, batch_first=True)": "m(words)[0]",
    "nn.LSTMCell(8, 4)": "m(words[0])[0]",
    "nn.MultiheadAttention(8, 2, batch_first=True)": "m(words, words, words)[0]",
    "nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)": "m(words)",
    "nn.BatchNorm1d(5)": "m(x)",
    "nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))": "m(x)",
    "nn.Embedding(10, 4)": "m(torch.tensor([1, 2, 3]))",
    "nn.Bilinear(5, 5, 3)": "m(x, x)",
}
_SECONDS, _ROUNDS = 0.02, 5


def workloads() -> Iterator[Workload]:
    """Each call as a workload."""
    for call in _CALLS:
        yield Workload(call, call, _SETUP, f"({call}).sum().backward()", 1.0, None, 1.0, "[x]")
    for layer, call in _LAYERS.items():
        yield Workload(layer, layer, f"{_SETUP}m = {layer}", f"({call}).sum().backward()", 1.0, None, 1.0, "[x]")


def rows() -> Iterator[Row]:
    """The middle one of the ratios, the one that nine of ten are below, and the greatest."""
    torch = peer_torch()
    if torch is None:
        yield Row("engine/calls, the middle one", "-", "peer not installed", None, "≤ 1", None)
        return
    found = []
    for workload in workloads():
        ours, peer = interleaved([eager(workload, engine_torch()), eager(workload, torch)], _ROUNDS, _SECONDS)
        found.append((ratio(ours, peer), workload.name, ours.best, peer.best))
    found.sort()
    middle = statistics.median(each for each, *_ in found)
    yield Row("engine/calls, the middle one", f"{len(found)} calls", "", middle, "≤ 1", middle <= 1)
    for said, (each, name, ours_best, peer_best), target in (
        ("nine of ten", found[len(found) * 9 // 10], None), ("the slowest", found[-1], None),
    ):  # fmt: skip
        yield Row(f"engine/calls, {said}", f"{ours_best * 1e6:,.0f} µs", f"{peer_best * 1e6:,.0f} µs {name}", each, "-", target)
