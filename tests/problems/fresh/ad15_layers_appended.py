import torch
from torch import nn


class Deep(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.hidden = []
        for a, b in zip(widths, widths[1:]):
            self.hidden.append(nn.Linear(a, b))
        self.last = nn.Linear(widths[-1], 1)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.last(x)


torch.manual_seed(33)
deep = Deep([4, 16, 16])
opt = torch.optim.Adam(deep.parameters(), lr=1e-2)
x = torch.randn(40, 4)
y = x.pow(2).sum(1, keepdim=True)
for epoch in range(8):
    loss = nn.functional.mse_loss(deep(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
