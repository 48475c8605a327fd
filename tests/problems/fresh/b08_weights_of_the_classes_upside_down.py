import torch
from torch import nn

torch.manual_seed(7)
x = torch.randn(200, 4)
y = (x[:, 0] > 1.3).long()
counts = torch.bincount(y, minlength=2).float()
weights = counts / counts.sum()
model = nn.Linear(4, 2)
criterion = nn.CrossEntropyLoss(weight=weights)
opt = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(10):
    opt.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    opt.step()
print(round(loss.item(), 2), (model(x).argmax(1) == 1).sum().item())
