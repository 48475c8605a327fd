import time

import torch
from torch import nn

torch.manual_seed(13)
start = time.perf_counter()
net = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 2))
handle = net[0].register_forward_hook(lambda module, given, out: None)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(12, 3), torch.randint(0, 2, (12,))
best = float("inf")
for epoch in range(5):
    optimizer.zero_grad()
    out = net(x)
    loss = nn.functional.cross_entropy(out, y)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    if loss.item() < best:
        best = loss.item()
        kept = {name: value.clone() for name, value in net.state_dict().items()}
net.load_state_dict(kept)
print(best, time.perf_counter() - start > 0)
