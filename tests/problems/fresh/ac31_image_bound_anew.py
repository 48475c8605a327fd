import torch
from torch import nn

torch.manual_seed(18)
critic = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 5))
for p in critic.parameters():
    p.requires_grad_(False)

image = torch.rand(1, 1, 8, 8, requires_grad=True)
optimizer = torch.optim.Adam([image], lr=0.1)
wanted = 3


def total_variation(picture):
    across = (picture[..., 1:] - picture[..., :-1]).abs().mean()
    down = (picture[..., 1:, :] - picture[..., :-1, :]).abs().mean()
    return across + down


for step in range(10):
    optimizer.zero_grad()
    score = critic(image)[0, wanted]
    loss = -score + 0.1 * total_variation(image)
    loss.backward()
    optimizer.step()
    image = image.detach().clamp(0, 1).requires_grad_(True)
    print(step, score.item())
