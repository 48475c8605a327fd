import numpy as np
import torch

rng = np.random.default_rng(0)
points = rng.normal(size=(60, 2)).astype(np.float32)
signs = np.where(points @ np.array([1.0, -2.0]) > 0, 1.0, -1.0).astype(np.float32)
X, y = torch.from_numpy(points), torch.from_numpy(signs)
w = torch.zeros(2, requires_grad=True)
b = torch.zeros((), requires_grad=True)
for epoch in range(30):
    margin = y * (X @ w + b)
    hinge = torch.clamp(1 - margin, min=0).mean() + 0.01 * w.dot(w)
    gw, gb = torch.autograd.grad(hinge, (w, b))
    with torch.no_grad():
        w.sub_(0.2 * gw)
        b.sub_(0.2 * gb)
print(hinge.item())
