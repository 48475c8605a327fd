import torch
import torch.nn as nn

torch.manual_seed(0)


class Attention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.proj = nn.Linear(dim, dim)
        self.query = nn.Parameter(torch.randn(dim)) * 0.1
        self.head = nn.Linear(dim, 1)

    def forward(self, x):
        keys = torch.tanh(self.proj(x))
        weights = torch.softmax(keys @ self.query, dim=1)
        pooled = (weights.unsqueeze(-1) * x).sum(dim=1)
        return self.head(pooled).squeeze(-1)


model = Attention(5)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(16, 4, 5)
y = x[:, 0, 0]
for step in range(5):
    loss = ((model(x) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()
    print(step, loss.item())
