# gradients that are read between a clear and the next pass on purpose: accumulated copies, and a clear after the reading
import torch
from torch import nn

torch.manual_seed(0)
w = torch.randn(5, requires_grad=True)
velocity = torch.zeros(5)
x = torch.randn(30, 5)
y = x.sum(1)
for step in range(6):
    loss = (x @ w - y).square().mean()
    loss.backward()
    velocity = 0.9 * velocity + w.grad
    with torch.no_grad():
        w -= 0.02 * velocity
    w.grad.zero_()
lr = 0.05


def half(step):
    return 0.5**step


net = nn.Linear(5, 1)
opt = torch.optim.SGD(net.parameters(), lr=lr)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: half(s) if s < 3 else 0.125)
for step in range(5):
    loss = (net(x).squeeze(1) - y).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
