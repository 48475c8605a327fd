import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 4))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(50, 5)
labels = x[:, :4].argmax(dim=1)
for epoch in range(5):
    log_p = net(x).log_softmax(dim=1)
    loss = -log_p[labels].mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
