import torch
from torch import nn
import torch.nn.functional as F


def fgsm(model, x, y, eps):
    x = x.clone().requires_grad_()
    loss = F.cross_entropy(model(x), y)
    (grad,) = torch.autograd.grad(loss, x)
    return (x + eps * grad.sign()).detach()


torch.manual_seed(15)
model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
x = torch.randn(90, 5)
y = x[:, :3].argmax(1)
for epoch in range(8):
    for rows in torch.randperm(90).split(30):
        bad = fgsm(model, x[rows], y[rows], 0.1)
        loss = 0.5 * (F.cross_entropy(model(x[rows]), y[rows]) + F.cross_entropy(model(bad), y[rows]))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(epoch, loss.item(), (model(x).argmax(1) == y).float().mean().item())
