import torch
from torch import nn

torch.manual_seed(9)
model = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 1))
for p in model.parameters():
    p.register_hook(lambda g: g.clamp_(min=0, max=1))
opt = torch.optim.SGD(model.parameters(), lr=0.05)
x = torch.randn(40, 5)
y = x.sum(1, keepdim=True)
for epoch in range(20):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
    print(epoch, round(loss.item(), 2))
