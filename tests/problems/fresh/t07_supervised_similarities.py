import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Linear(6, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
data = torch.randn(12, 6)
partner = torch.arange(12) ^ 1
for _ in range(4):
    e = net(data)
    e = e / e.norm(dim=1, keepdim=True)
    scores = torch.matmul(e, e.T) * 5.0
    loss = -F.log_softmax(scores, dim=1)[torch.arange(12), partner].mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
