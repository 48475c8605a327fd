import torch
from torch import nn


class LIF(nn.Module):
    def __init__(self, beta=0.9, threshold=1.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, current, mem):
        mem = self.beta * mem + current
        spk = (mem > self.threshold).float()
        mem = mem - spk * self.threshold
        return spk, mem


class SNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.lif1 = nn.Linear(10, 20), LIF()
        self.fc2 = nn.Linear(20, 2)

    def forward(self, x, steps=6):
        mem = torch.zeros(x.size(0), 20)
        out = 0
        for _ in range(steps):
            spk, mem = self.lif1(self.fc1(x), mem)
            out = out + self.fc2(spk)
        return out / steps


torch.manual_seed(0)
net = SNN()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = torch.rand(32, 10) * 2, torch.randint(0, 2, (32,))
for epoch in range(5):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
