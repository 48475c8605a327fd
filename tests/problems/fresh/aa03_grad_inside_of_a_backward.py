import torch
from torch import nn


class Solve(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x0, w):
        ctx.save_for_backward(x0, w)
        return torch.sin(x0 * w)

    @staticmethod
    def backward(ctx, grad_output):
        x0, w = (t.detach().requires_grad_() for t in ctx.saved_tensors)
        out = torch.sin(x0 * w)
        return torch.autograd.grad(out, (x0, w), grad_output)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.rand(2, 3))

    def forward(self, x):
        return Solve.apply(x, self.w)


torch.manual_seed(0)
net = Net()
data = torch.rand(2, 3, requires_grad=True)
out = net(data)
loss = (out - 0.5).pow(2).sum()
print("run backward")
loss.backward()
print(net.w.grad)
