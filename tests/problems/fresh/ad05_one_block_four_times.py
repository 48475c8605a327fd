import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        return x + self.ff(self.norm(x))


class Stack(nn.Module):
    def __init__(self, d, depth):
        super().__init__()
        self.blocks = nn.ModuleList([Block(d)] * depth)
        self.out = nn.Linear(d, 2)

    def forward(self, x):
        for b in self.blocks:
            x = b(x)
        return self.out(x)


torch.manual_seed(47)
stack = Stack(8, 4)
opt = torch.optim.AdamW(stack.parameters(), lr=1e-3)
x, y = torch.randn(20, 8), torch.randint(0, 2, (20,))
for epoch in range(6):
    loss = nn.functional.cross_entropy(stack(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
