import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(3)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.reset()

    def reset(self):
        self.w1 = nn.Parameter(torch.randn(4, 12) * 0.3)
        self.w2 = nn.Parameter(torch.randn(12, 2) * 0.3)

    def forward(self, x):
        return torch.relu(x @ self.w1) @ self.w2


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(50, 4)
y = (x[:, 0] > x[:, 1]).long()
for run in range(2):
    model.reset()
    for epoch in range(4):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print(run, loss.item())
