# backward() may stand under no_grad, clearing twice does no harm, and losses may be written into a tensor
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
x = torch.randn(32, 4)
y = torch.stack([x.sum(1), x[:, 0] - x[:, 1]], 1)
opt.zero_grad()
for it in range(8):
    opt.zero_grad()
    model.zero_grad()
    pred = model(x)
    losses = torch.zeros(2)
    for k in range(2):
        losses[k] = (pred[:, k] - y[:, k]).pow(2).mean()
    loss = losses.sum()
    with torch.no_grad():
        loss.backward()
        opt.step()
    print(it, loss.item())
