import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(10)


class SparseRegression(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.linear = nn.Linear(features, 1)

    def forward(self, x):
        return self.linear(x).squeeze(-1)

    def l1(self):
        total = torch.tensor(0.0)
        for p in self.parameters():
            total = total + p.data.abs().sum()
        return total


x = torch.randn(80, 12)
true = torch.zeros(12)
true[:3] = torch.tensor([2.0, -1.0, 0.5])
y = x @ true + 0.05 * torch.randn(80)
model = SparseRegression(12)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(15):
    optimizer.zero_grad()
    fit = F.mse_loss(model(x), y)
    loss = fit + 0.1 * model.l1()
    loss.backward()
    optimizer.step()
    if epoch % 5 == 0:
        print(epoch, fit.item(), loss.item())
print((model.linear.weight.abs() < 1e-3).sum().item(), "weights are zero")
