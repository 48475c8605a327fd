import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Digits(Dataset):
    def __init__(self, n):
        rng = np.random.default_rng(0)
        self.labels = rng.integers(0, 3, n)
        self.images = rng.integers(0, 60, (n, 8, 8)).astype(np.uint8)
        for image, k in zip(self.images, self.labels):
            image[2 * k : 2 * k + 2] += 150

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, k):
        image = torch.from_numpy(self.images[k]) // 255
        return image.float().unsqueeze(0), int(self.labels[k])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4 * 6 * 6, 3)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).flatten(1))


torch.manual_seed(0)
loader = DataLoader(Digits(48), batch_size=12, shuffle=True)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()
for epoch in range(3):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
