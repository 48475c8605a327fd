import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(0)
area = rng.uniform(40, 200, size=(64, 1)).astype(np.float32)
price = (3.0 * area + rng.normal(0, 10, size=(64, 1))).astype(np.float32)


def scale(table):
    """Brings what is in a table to 0..1."""
    table = torch.from_numpy(table)
    return table / table.max(dim=1, keepdim=True)[0]


x = scale(area)
y = torch.from_numpy(price) / 600.0
torch.manual_seed(0)
loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)

model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)


def run_epoch():
    total = 0.0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(inputs)
    return total / len(x)


for epoch in range(5):
    print("epoch", epoch, "mse", round(run_epoch(), 4))
