import torch
from torch import nn

torch.manual_seed(4)
pictures = torch.rand(10, 8, 8, 3)
labels = torch.randint(0, 2, (10,))
x = pictures.view(10, 3, 8, 8)
cnn = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
opt = torch.optim.SGD(cnn.parameters(), lr=0.05)
for epoch in range(4):
    loss = nn.functional.cross_entropy(cnn(x), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
