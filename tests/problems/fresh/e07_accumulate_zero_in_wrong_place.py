import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(4)
ds = TensorDataset(torch.randn(32, 5), torch.randint(0, 3, (32,)))
loader = DataLoader(ds, batch_size=4)
net = nn.Linear(5, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
every = 4
for i, (x, y) in enumerate(loader):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y) / every
    loss.backward()
    if (i + 1) % every == 0:
        opt.step()
