import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 6))
prototypes = nn.Parameter(torch.randn(6, 5))
scale = nn.Parameter(torch.tensor(2.0))
opt = torch.optim.Adam([*encoder.parameters(), prototypes, scale], lr=2e-3)
data = torch.randn(40, 8)
classes = data[:, :5].argmax(dim=1)
for epoch in range(3):
    order = torch.randperm(len(data))
    for rows in order.split(10):
        x = data[rows]
        first, second = (F.normalize(encoder(x + 0.1 * torch.randn_like(x)), dim=1) for _ in range(2))
        z = torch.cat([first, second])
        sim = z @ z.T * scale.exp()
        sim = sim.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        contrast = F.cross_entropy(sim, torch.arange(len(z)).roll(len(x)))
        clip = F.cross_entropy(first @ second.T / 0.2, torch.arange(len(x)))
        gram = (z.T @ z / len(z) - torch.eye(6) / 6).square().sum()
        classed = F.cross_entropy(first @ F.normalize(prototypes, dim=0) * 4, classes[rows])
        loss = contrast + clip + gram + classed
        opt.zero_grad()
        loss.backward()
        opt.step()
print(loss.item())
