import torch
from torch import nn


class Accumulator:
    """Steps once per k small batches."""

    def __init__(self, model, every):
        self.model, self.every, self.seen = model, every, 0
        self.opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)

    def feed(self, xb, yb):
        loss = nn.functional.cross_entropy(self.model(xb), yb)
        (loss / self.every).backward()
        self.seen += 1
        if self.seen % self.every == 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.opt.step()
            self.opt.zero_grad(set_to_none=True)
        return loss.item()


def evaluate(model, x, y):
    model.eval()
    try:
        with torch.no_grad():
            return (model(x).argmax(dim=1) == y).float().mean().item()
    finally:
        model.train()


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 4))
acc = Accumulator(net, every=4)
x = torch.randn(128, 10)
y = (x[:, :4]).argmax(dim=1)
for epoch in range(6):
    order = torch.randperm(len(x))
    total = 0.0
    for idx in order.split(8):
        total += acc.feed(x[idx], y[idx])
    print(epoch, total / 16, evaluate(net, x, y))
