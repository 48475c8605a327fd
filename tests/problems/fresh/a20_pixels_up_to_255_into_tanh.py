import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Pixels(Dataset):
    def __init__(self, n):
        gen = torch.Generator().manual_seed(0)
        self.images = torch.randint(0, 256, (n, 16), generator=gen)
        self.labels = (self.images.float().mean(1) > 127).long()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.images[i].float(), self.labels[i]


torch.manual_seed(18)
model = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(2):
    for image, label in DataLoader(Pixels(48), batch_size=12, shuffle=True):
        loss = nn.functional.cross_entropy(model(image), label)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(round(loss.item(), 2))
