import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0)
points = rng.normal(size=(100, 2)).astype("float32")
labels = np.sign(points[:, 0] + 0.5 * points[:, 1]).astype("float32")

X = torch.from_numpy(points)
y = torch.from_numpy(labels)

torch.manual_seed(0)
w = nn.Parameter(torch.zeros(2))
b = nn.Parameter(torch.zeros(()))
opt = torch.optim.SGD([w, b], lr=0.5)
loss_fn = nn.BCEWithLogitsLoss()
for i in range(40):
    opt.zero_grad()
    logits = X @ w + b
    loss = loss_fn(logits, y)
    loss.backward()
    opt.step()
    if i % 10 == 0:
        print(i, loss.item())
