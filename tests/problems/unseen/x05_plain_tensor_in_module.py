import torch
from torch import nn

torch.manual_seed(0)


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = torch.ones(3, requires_grad=True)
        self.out = nn.Linear(3, 1)

    def forward(self, x):
        return self.out(x * self.gain)


model = Scale()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(8, 3)
for epoch in range(4):
    opt.zero_grad()
    loss = (model(x) - 1).pow(2).mean()
    loss.backward()
    opt.step()
print(model.gain)
