import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
X = torch.randn(100, 8)
Y = X[:, :1] * 2 - X[:, 1:2]
for epoch in range(20):
    running = 0.0
    for xb, yb in zip(X.split(25), Y.split(25)):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    scheduler.step(running / 4)
    print(epoch, running, optimizer.param_groups[0]["lr"])
