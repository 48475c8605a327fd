import copy
import torch
from torch import nn


class Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, levels):
        return torch.round(x * levels) / levels

    @staticmethod
    def backward(ctx, grad):
        return grad, None


class Quant(nn.Linear):
    def forward(self, x):
        return nn.functional.linear(x, Round.apply(self.weight, 8), self.bias)


def fold(x, y, held):
    keep = torch.ones(len(x), dtype=torch.bool)
    keep[held] = False
    net = nn.Sequential(Quant(4, 12), nn.ReLU(), Quant(12, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    best, state = float("inf"), None
    for epoch in range(6):
        net.train()
        for xb, yb in zip(x[keep].split(10), y[keep].split(10)):
            loss = nn.functional.l1_loss(net(xb).squeeze(1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            score = nn.functional.l1_loss(net(x[held]).squeeze(1), y[held]).item()
        if score < best:
            best, state = score, copy.deepcopy(net.state_dict())
    net.load_state_dict(state)
    return best


torch.manual_seed(22)
x = torch.randn(40, 4)
y = x[:, 0] - 0.5 * x[:, 3]
print([fold(x, y, rows) for rows in torch.arange(40).chunk(2)])
