import torch
from torch import nn

torch.manual_seed(12)


class Trainer:
    def __init__(self, net):
        self.net = net
        self.opt = torch.optim.AdamW(
            [{"params": net[0].parameters(), "lr": 1e-4}, {"params": net[2].parameters(), "lr": 1e-2}], weight_decay=0.01
        )

    def step(self):
        self.opt.step()

    def inner(self, x, y, times):
        for _ in range(times):
            self.opt.zero_grad(set_to_none=True)
            loss = nn.functional.smooth_l1_loss(self.net(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.step()
        return loss.detach()


trainer = Trainer(nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 1)))
x, y = torch.randn(24, 4), torch.randn(24, 1)
first = torch.optim.SGD(trainer.net[0].parameters(), lr=0.01)
second = torch.optim.SGD(trainer.net[2].parameters(), lr=0.01)
for _ in range(3):
    print(trainer.inner(x, y, 2))
    for opt in (first, second):
        opt.zero_grad()
    nn.functional.mse_loss(trainer.net(x), y).backward()
    first.step()
    second.step()
