import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(7)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(5, 10)
        self.b = nn.Linear(10, 1)

    def forward(self, x):
        x = F.relu(self.a(x))
        x = self.b(x)
        return torch.sigmoid(x)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(64, 5)
y = (x.sum(1, keepdim=True) > 0).float()
pos_weight = torch.tensor([2.0])
for epoch in range(5):
    optimizer.zero_grad()
    out = net(x)
    clipped = out.view(-1)
    loss = F.binary_cross_entropy_with_logits(clipped, y.view(-1), pos_weight=pos_weight)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
