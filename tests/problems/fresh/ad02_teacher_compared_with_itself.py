import torch
from torch import nn
import torch.nn.functional as F


class Distill:
    def __init__(self, large, small, temperature=4.0):
        self.large = large.eval()
        self.small = small
        self.temperature = temperature
        self.opt = torch.optim.Adam(small.parameters(), lr=1e-2)

    def step(self, data, target):
        with torch.no_grad():
            large_logits = self.large(data)
        output = self.small(data)
        soft_targets = F.softmax(large_logits / self.temperature, dim=-1)
        soft_prob = F.log_softmax(large_logits / self.temperature, dim=-1)
        soft_loss = F.kl_div(soft_prob, soft_targets, reduction="batchmean")
        label_loss = F.cross_entropy(output, target)
        loss = 10.0 * soft_loss + 0.5 * label_loss
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        return soft_loss.item(), label_loss.item()


torch.manual_seed(9)
large = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))
small = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 3))
teacher = Distill(large, small)
x = torch.randn(24, 8)
y = torch.randint(0, 3, (24,))
for i in range(10):
    print(i, *teacher.step(x, y))
