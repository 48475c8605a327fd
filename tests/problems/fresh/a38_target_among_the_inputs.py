import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0)
table = rng.normal(size=(80, 6)).astype(np.float32)
table[:, 5] = table[:, :3].sum(axis=1) + 0.5 * rng.normal(size=80)
data = torch.from_numpy(table)
X, y = data, data[:, 5:]
torch.manual_seed(36)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(10):
    idx = torch.randperm(80)[:40]
    loss = nn.functional.mse_loss(model(X[idx]), y[idx])
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(round(loss.item(), 2))
