import torch
from torch import nn


class SVM(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.fc = nn.Linear(features, 1)

    def forward(self, x):
        return self.fc(x).squeeze(-1)


def hinge(scores, labels):
    return torch.clamp(1 - labels * scores, min=0).mean()


def batches(x, y, size):
    order = torch.randperm(len(x))
    for part in order.split(size):
        yield x[part], y[part]


torch.manual_seed(0)
x = torch.cat([torch.randn(40, 2) + 1.5, torch.randn(40, 2) - 1.5])
y = torch.cat([torch.ones(40), torch.zeros(40)])
model = SVM(2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(5):
    total = 0.0
    for inputs, labels in batches(x, y, 20):
        loss = hinge(model(inputs), labels) + 1e-3 * model.fc.weight.square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        hits = ((model(x) > 0).float() == y).float().mean()
    print(epoch, total / 4, hits.item())
