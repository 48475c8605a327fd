import torch
from torch import nn

torch.manual_seed(0)
vgg = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(4, 6, 3, padding=1)).eval()
for p in vgg.parameters():
    p.requires_grad_(False)


def gram(a):
    flat = a.flatten(2)
    return flat @ flat.mT / flat.shape[-1]


content, style = torch.rand(1, 1, 8, 8), torch.rand(1, 1, 8, 8)
with torch.no_grad():
    wanted_content, wanted_style = vgg(content), gram(vgg(style))
image = content.clone().requires_grad_()
opt = torch.optim.Adam([image], lr=0.03)
for step in range(15):
    opt.zero_grad()
    now = vgg(image)
    loss = (now - wanted_content).pow(2).mean() + 10 * (gram(now) - wanted_style).pow(2).mean()
    loss.backward()
    opt.step()
    with torch.no_grad():
        image.clamp_(0, 1)
print(loss.item())
