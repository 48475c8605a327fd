import torch
from torch import nn


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        grad_output[x < 0] = 0
        return grad_output


class Residual(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.fc = nn.Linear(d, d)

    def forward(self, x):
        h = self.fc(x)
        return h + MyReLU.apply(h)


torch.manual_seed(20)
net = nn.Sequential(Residual(), Residual(), nn.Linear(8, 1))
x = torch.randn(30, 8)
y = x[:, :1] * x[:, 1:2]
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(6):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
