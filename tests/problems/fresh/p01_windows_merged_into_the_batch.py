import torch
import torch.nn as nn
import torch.nn.functional as F


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(8 * 2 * 2, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 8 * 2 * 2)
        x = F.relu(self.fc1(x))
        return self.fc2(x)


def make_data(n):
    labels = torch.randint(0, 3, (n,))
    images = torch.randn(n, 1, 16, 16) * 0.3
    for i, k in enumerate(labels.tolist()):
        images[i, 0, 4 * k : 4 * k + 4] += 1.0
    return images, labels


torch.manual_seed(0)
images, labels = make_data(24)
net = LeNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(2):
    running = 0.0
    for i in range(0, 24, 8):
        x, y = images[i : i + 8], labels[i : i + 8]
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(epoch, running / 3)
