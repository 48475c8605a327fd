import torch
from torch import nn


class Clipped(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, low, high):
        ctx.save_for_backward(x)
        ctx.low, ctx.high = low, high
        return x.clamp(low, high)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[(x < ctx.low) | (x > ctx.high)] = 0
        grad_input *= 1
        return grad_input, None, None


class Block(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.fc = nn.Linear(d, d)

    def forward(self, x):
        h = self.fc(x)
        best, _ = h.max(dim=1)
        return h + Clipped.apply(h, -0.5, 0.5) + best.unsqueeze(1) + h.min(dim=1).values.unsqueeze(1) * h.max()


torch.manual_seed(187)
net = nn.Sequential(Block(), nn.Linear(8, 1))
x = torch.randn(30, 8)
y = x[:, :1] * x[:, 1:2]
opt = torch.optim.SGD(net.parameters(), lr=0.02)
for epoch in range(6):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
