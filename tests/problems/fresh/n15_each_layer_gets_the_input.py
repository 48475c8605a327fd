import torch
import torch.nn as nn
import torch.nn.functional as F


class DeepNet(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        for layer in self.layers:
            h = F.relu(layer(x))
        return self.out(h)


def main():
    torch.manual_seed(0)
    net = DeepNet(6, 4)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    X = torch.rand(32, 6)
    Y = torch.sin(3 * X).sum(dim=1, keepdim=True)
    for epoch in range(6):
        optimizer.zero_grad()
        loss = F.mse_loss(net(X), Y)
        loss.backward()
        optimizer.step()
        print(epoch, loss.item())


if __name__ == "__main__":
    main()
