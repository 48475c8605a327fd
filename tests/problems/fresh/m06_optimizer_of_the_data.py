import torch
from torch import nn, optim

torch.manual_seed(0)
weights = {"w": torch.randn(3, 1, requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
optimizer = optim.Adam([p.data for p in weights.values()], lr=0.05)
x = torch.randn(32, 3)
y = x @ torch.tensor([[1.0], [2.0], [3.0]])
for step in range(10):
    pred = x @ weights["w"] + weights["b"]
    loss = nn.functional.mse_loss(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
