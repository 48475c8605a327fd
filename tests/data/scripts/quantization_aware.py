"""Training weights that will be rounded: the gradient passes straight through the rounding, and stops at its bounds."""

import torch
from torch import nn


def told(ask):
    try:
        print(ask())
    except Exception as error:
        print(type(error).__name__, error)


x = torch.linspace(-2, 2, 9, requires_grad=True)
y = torch.fake_quantize_per_tensor_affine(x, 0.1, 5, 0, 15)
print(y, y.grad_fn._saved_mask)
(g,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
print(g, torch.autograd.grad(g.sum(), x))
torch.manual_seed(0)
w = torch.randn(2, 3, requires_grad=True)
scale, zero = torch.tensor([0.1, 0.2]), torch.tensor([0.6, 0.2])
for z in (zero, zero.round().int()):
    out = torch.fake_quantize_per_channel_affine(w, scale, z, 0, -8, 7)
    print(out, torch.autograd.grad(out.sum(), w))
print(torch.fake_quantize_per_tensor_affine(w, torch.tensor([0.1]), torch.tensor([0]), -8, 7))
print(torch.fake_quantize_per_tensor_affine(torch.tensor([float("nan"), float("inf"), 0.25, 0.35]), 0.1, 0, -8, 7))
told(lambda: torch.fake_quantize_per_tensor_affine(torch.arange(4), 0.1, 5, 0, 15))
told(lambda: torch.fake_quantize_per_tensor_affine(x, 0.1, 55, 0, 15))
told(lambda: torch.fake_quantize_per_tensor_affine(x, 0.1, 0.5, 0, 15))
told(lambda: torch.fake_quantize_per_tensor_affine(x, 0.1, 5, 15, 0))
told(lambda: torch.fake_quantize_per_channel_affine(w, scale[:1], zero[:1], 0, -8, 7))


class Quantized(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.head = nn.LinearCrossEntropyLoss(8, 3, bias=True, label_smoothing=0.1)

    def forward(self, x, target):
        w = self.body.weight
        w = torch.fake_quantize_per_tensor_affine(w, w.detach().abs().max().item() / 7, 0, -8, 7)
        return self.head(torch.relu(nn.functional.linear(x, w, self.body.bias)), target)


net = Quantized()
print(net)
data, target = torch.randn(16, 4), torch.randint(0, 3, (16,))
optimizer = torch.optim.SGD(net.parameters(), 0.5)
for _ in range(5):
    optimizer.zero_grad()
    loss = net(data, target)
    loss.backward()
    optimizer.step()
    print(f"{loss.item():.5f}", net.body.weight.grad.norm())
told(lambda: nn.LinearCrossEntropyLoss(8, 3, weight=torch.ones(2)))

pictures = torch.empty(2, 3, 4, 5, memory_format=torch.channels_last)
print(pictures.stride(), pictures.dim_order(), torch.zeros_like(pictures, memory_format=torch.contiguous_format).stride())
print(torch.empty_permuted((2, 3, 5), (2, 0, 1)).stride(), torch.ones(3, 2).t().dim_order(ambiguity_check=True))
told(lambda: torch.empty(2, 3, memory_format=torch.channels_last))
told(lambda: torch.ones(1, 2).dim_order(ambiguity_check=True))
print(torch.nonzero_static(torch.tensor([[3, 0], [0, 2]]), size=3), nn.Linear(2, 2, dtype=torch.complex64).weight)
