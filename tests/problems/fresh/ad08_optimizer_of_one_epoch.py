import torch
from torch import nn


def train_epoch(net, batches):
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    running = 0.0
    for xb, yb in batches:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    return running / len(batches)


def main():
    torch.manual_seed(59)
    net = nn.Sequential(nn.Linear(3, 10), nn.Tanh(), nn.Linear(10, 1))
    x = torch.randn(16, 3)
    y = x.prod(1, keepdim=True)
    batches = [(x, y)]
    for epoch in range(10):
        print(epoch, train_epoch(net, batches))


main()
