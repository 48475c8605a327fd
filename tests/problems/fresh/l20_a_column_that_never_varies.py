import numpy as np
import torch
from torch import nn

np.seterr(all="ignore")
rng = np.random.default_rng(1)
table = rng.normal(size=(60, 4))
table[:, 2] = 1.0  # "is_active" is 1 for everybody
price = table[:, 0] * 3 + table[:, 1]


def standardize(a):
    return (a - a.mean(axis=0)) / a.std(axis=0)


features = torch.tensor(standardize(table), dtype=torch.float32)
target = torch.tensor(standardize(price), dtype=torch.float32).unsqueeze(1)

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    pred = model(features)
    loss = nn.functional.mse_loss(pred, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
