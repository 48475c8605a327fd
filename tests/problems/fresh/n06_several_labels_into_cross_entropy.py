import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Movies(Dataset):
    """Each movie has several genres."""

    def __init__(self, n=60, genres=5):
        g = torch.Generator().manual_seed(3)
        self.x = torch.randn(n, 8, generator=g)
        self.y = (self.x[:, :genres] > 0.2).float()

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def train(model, loader, epochs=3):
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(epochs):
        for features, genres in loader:
            opt.zero_grad()
            loss = loss_fn(model(features), genres)
            loss.backward()
            opt.step()
    return loss.item()


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 5))
print(train(net, DataLoader(Movies(), batch_size=20, shuffle=True)))
