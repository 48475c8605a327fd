# names that are handed on: best model, aliases of layers and modules, and copies
import copy
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        body = self.body
        return self.head(torch.relu(body(x)))


model = Net()
net = model
best = copy.deepcopy(model)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(40, 4)
y = (x[:, 0] > 0).long()
low = float("inf")
for epoch in range(4):
    net.train()
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    net.eval()
    if loss.item() < low:
        low = loss.item()
        best.load_state_dict(net.state_dict())
print((best(x).argmax(1) == y).float().mean().item())
