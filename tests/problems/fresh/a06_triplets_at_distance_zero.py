import torch
from torch import nn


class TripletLoss(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def distance(self, a, b):
        return (a - b).pow(2).sum(-1).sqrt()

    def forward(self, anchor, positive, negative):
        gap = self.distance(anchor, positive) - self.distance(anchor, negative)
        return torch.relu(gap + self.margin).mean()


torch.manual_seed(5)
embed = nn.Linear(6, 3)
opt = torch.optim.SGD(embed.parameters(), lr=0.05)
images = torch.randn(12, 6)
pairs = torch.randint(0, 12, (20,))
pairs[3] = 7
partner = (pairs + 1) % 12
partner[3] = 7
others = torch.randperm(20) % 12
criterion = TripletLoss()
for _ in range(5):
    loss = criterion(embed(images[pairs]), embed(images[partner]), embed(images[others]))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(round(loss.item(), 2))
