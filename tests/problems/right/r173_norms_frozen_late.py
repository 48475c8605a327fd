import torch
from torch import nn


def freeze_norms(model):
    for m in model.modules():
        if isinstance(m, nn.BatchNorm1d):
            m.eval()


torch.manual_seed(1)
model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
x = torch.randn(60, 4)
y = (x.sum(1) > 0).long()
for epoch in range(8):
    model.train()
    if epoch >= 4:
        freeze_norms(model)
    for rows in torch.randperm(60).split(20):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        print(epoch, loss.item(), (model(x).argmax(1) == y).float().mean().item())
