import torch
from torch import nn

torch.manual_seed(32)
X = torch.randn(100, 2)
y = ((X[:, 0] * X[:, 1]) > 0).float().unsqueeze(1)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(10):
    logits = model(X)
    loss = criterion(logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    predicted = (logits > 0.5).float()
    print(epoch, round(loss.item(), 2), (predicted == y).float().mean().item())
