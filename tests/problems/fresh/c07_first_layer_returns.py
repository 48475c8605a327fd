import torch
from torch import nn


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(6, 6) for _ in range(4)])
        self.out = nn.Linear(6, 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
            return self.out(x)


torch.manual_seed(6)
model = Deep()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(20, 6), torch.randn(20, 1)
for _ in range(5):
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
