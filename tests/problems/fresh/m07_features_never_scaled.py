import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0)
area = rng.uniform(500, 4000, size=80)
year = rng.uniform(1950, 2020, size=80)
price = 150 * area + 300 * (year - 1950)
X = torch.tensor(np.stack([area, year], axis=1), dtype=torch.float32)
y = torch.tensor(price / 1e5, dtype=torch.float32).unsqueeze(1)

torch.manual_seed(0)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
loss_fn = nn.MSELoss()
for epoch in range(12):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
