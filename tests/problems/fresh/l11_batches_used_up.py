import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 80).unsqueeze(1)
y = x**2
batches = zip(x.split(20), y.split(20))

model = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(5):
    running = 0.0
    for xb, yb in batches:
        optimizer.zero_grad()
        loss = ((model(xb) - yb) ** 2).mean()
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f"epoch {epoch}: {running:.4f}")
