import torch
from torch import nn

torch.manual_seed(1)


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.1)
        nn.init.zeros_(m.bias)


net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
net.apply(init_weights)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(40, 4), torch.randint(0, 3, (40,))
for epoch in range(6):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
