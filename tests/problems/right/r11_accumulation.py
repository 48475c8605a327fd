import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(9)
loader = DataLoader(TensorDataset(torch.randn(32, 5), torch.randint(0, 3, (32,))), batch_size=4)
net = nn.Linear(5, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
every = 4
opt.zero_grad()
for epoch in range(2):
    for i, (x, y) in enumerate(loader, start=1):
        loss = nn.functional.cross_entropy(net(x), y) / every
        loss.backward()
        if i % every == 0:
            opt.step()
            opt.zero_grad()
