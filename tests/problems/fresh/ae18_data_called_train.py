import torch
from torch import nn


class Experiment(nn.Module):
    def __init__(self, train, test):
        super().__init__()
        self.train = train
        self.test = test
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1))

    def forward(self, x):
        return self.net(x)


torch.manual_seed(18)
x = torch.randn(40, 4)
y = x.sum(1, keepdim=True)
model = Experiment((x[:32], y[:32]), (x[32:], y[32:]))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(5):
    model.train()
    inputs, targets = x[:32], y[:32]
    loss = nn.functional.mse_loss(model(inputs), targets)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
