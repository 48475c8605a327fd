import torch
from torch import nn

torch.manual_seed(0)


class CenterLoss(nn.Module):
    def __init__(self, classes, dim):
        super().__init__()
        self.centers = nn.Parameter(torch.randn(classes, dim))

    def forward(self, features, labels):
        return ((features - self.centers[labels]) ** 2).sum(dim=1).mean()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2))
        self.classify = nn.Linear(2, 3)

    def forward(self, x):
        f = self.embed(x)
        return f, self.classify(f)


net, center_loss, ce = Net(), CenterLoss(3, 2), nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
x, labels = torch.randn(30, 5), torch.randint(0, 3, (30,))
for epoch in range(6):
    features, logits = net(x)
    loss = ce(logits, labels) + 0.1 * center_loss(features, labels)
    optimizer.zero_grad()
    center_loss.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
