import numpy as np
import torch
from torch import nn

np.random.seed(0)
torch.manual_seed(0)
N, BATCH = 128, 16
x_train = np.random.randn(N, 3).astype(np.float32)
y_train = (x_train[:, 0] * x_train[:, 1])[:, None].astype(np.float32)

model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
n_batches = N // BATCH
for epoch in range(3):
    running = 0.0
    for i in range(n_batches):
        xb = torch.from_numpy(x_train[i : i + BATCH])
        yb = torch.from_numpy(y_train[i : i + BATCH])
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(xb), yb)
        loss.backward()
        opt.step()
        running += loss.item()
    print(f"{epoch}: {running / n_batches:.4f}")
