import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Digits(Dataset):
    def __init__(self):
        g = torch.Generator().manual_seed(0)
        self.x = torch.randint(0, 256, (40, 16), generator=g, dtype=torch.uint8)
        self.y = torch.randint(0, 3, (40,), generator=g)

    def __len__(self):
        return 40

    def __getitem__(self, i):
        return self.x[i].float() / 255, self.y[i]


torch.manual_seed(5)
model = nn.Sequential(nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 3))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(2):
    for image, label in DataLoader(Digits(), batch_size=10):
        image = image / 255.0
        loss = nn.functional.cross_entropy(model(image), label)
        opt.zero_grad()
        loss.backward()
        opt.step()
