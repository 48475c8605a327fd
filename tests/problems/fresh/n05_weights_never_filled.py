import torch
from torch import nn


class Dense(nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x):
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias


torch.manual_seed(0)
model = nn.Sequential(Dense(4, 8), nn.Tanh(), Dense(8, 1))
data = torch.randn(30, 4)
truth = data[:, :1] - data[:, 1:2]
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(10):
    optimizer.zero_grad()
    loss = ((model(data) - truth) ** 2).mean()
    loss.backward()
    optimizer.step()
print("done")
