import torch
from torch import nn

torch.manual_seed(19)


class Whitening(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.cov = nn.Parameter(torch.eye(dim))

    def forward(self, x):
        sym = (self.cov + self.cov.T) / 2
        values, vectors = torch.linalg.eigh(sym)
        return x @ vectors / values.clamp(min=1e-6).sqrt()


layer = Whitening(4)
head = nn.Linear(4, 1)
optimizer = torch.optim.SGD([*layer.parameters(), *head.parameters()], lr=0.01)
x = torch.randn(50, 4) * torch.tensor([1.0, 2.0, 0.5, 1.5])
y = x.sum(1, keepdim=True)
for step in range(4):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(head(layer(x)), y)
    loss.backward()
    optimizer.step()
    print(step, loss.item(), layer.cov.grad.abs().max().item())
