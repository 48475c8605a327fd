import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(5)
epochs = 10
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[5, 8], gamma=0.1)
x = torch.randn(64, 4)
y = (x[:, 0] > 0).long()
for epoch in range(epochs):
    running = 0.0
    for xb, yb in zip(x.split(8), y.split(8)):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
        scheduler.step()
    print(epoch, running / 8)
