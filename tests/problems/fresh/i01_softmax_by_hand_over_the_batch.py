import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(8, 3)
target = torch.randint(0, 3, (8,))
for i in range(5):
    logits = net(x)
    probs = torch.exp(logits) / torch.exp(logits).sum()
    loss = -torch.log(probs[torch.arange(8), target]).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
