import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

torch.manual_seed(1)
x = torch.randn(128, 5)
y = torch.sin(x.sum(dim=1, keepdim=True))
net = nn.Sequential(nn.Linear(5, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = ReduceLROnPlateau(opt, mode="max", factor=0.1, patience=1)

for epoch in range(20):
    total = 0.0
    for k in range(0, 128, 32):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x[k : k + 32]), y[k : k + 32])
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step(total / 4)
    print(epoch, total / 4, opt.param_groups[0]["lr"])
