import torch
from torch import nn


class Fit:
    batch_size = 8

    def __init__(self, model, x, y):
        self.model, self.x, self.y = model, x, y
        self.opt = torch.optim.SGD(model.parameters(), lr=0.05)

    def run(self, epochs=2):
        steps = int(len(self.x) / self.batch_size)
        for _ in range(epochs):
            for k in range(steps):
                xb, yb = self.x[k : k + self.batch_size], self.y[k : k + self.batch_size]
                loss = nn.functional.mse_loss(self.model(xb), yb)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()


torch.manual_seed(0)
x = torch.randn(64, 3)
Fit(nn.Linear(3, 1), x, x.sum(1, keepdim=True)).run()
