import torch
from torch import nn


class Loop:
    def __init__(self):
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        self.opt = torch.optim.SGD(self.net.parameters(), lr=0.02)

    def loss(self, x, y):
        value = nn.functional.mse_loss(self.net(x), y)
        value.backward(retain_graph=True)
        return value

    def fit(self, x, y):
        for _ in range(6):
            self.opt.zero_grad()
            loss = self.loss(x, y)
            loss.backward()
            self.opt.step()
            print(round(loss.item(), 2))


Loop().fit(torch.randn(20, 4), torch.randn(20, 1))
