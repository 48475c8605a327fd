import numpy as np
import torch
from torch import nn

rng = np.random.RandomState(0)
images = rng.randint(0, 256, size=(40, 8, 8), dtype=np.uint8)
labels = torch.tensor((images.reshape(40, -1).mean(axis=1) > 127).astype(np.int64))
images = torch.from_numpy(images)
images = (images - 128).float() / 128  # to -1 ... 1

torch.manual_seed(0)
net = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(6):
    order = torch.randperm(40)
    for idx in order.split(10):
        loss = loss_fn(net(images[idx]), labels[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
