import torch
from torch import nn


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(4 * 4 * 4, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x)))
        x = x.view(-1)
        return self.fc(x)


images = torch.randn(3, 1, 8, 8)
labels = torch.tensor([1, 5, 9])
loss = nn.functional.cross_entropy(CNN()(images), labels)
loss.backward()
