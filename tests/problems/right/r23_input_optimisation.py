import torch
from torch import nn

torch.manual_seed(21)
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
model.requires_grad_(False)
image = torch.zeros(1, 4, requires_grad=True)
opt = torch.optim.Adam([image], lr=0.1)
for _ in range(10):
    opt.zero_grad()
    loss = -model(image)[0, 1] + 0.1 * image.square().sum()
    loss.backward()
    opt.step()
print(image)
