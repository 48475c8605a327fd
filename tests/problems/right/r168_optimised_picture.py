import torch
from torch import nn

torch.manual_seed(19)
features = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1)).eval()
for p in features.parameters():
    p.requires_grad_(False)


def gram(f):
    b, c, h, w = f.shape
    f = f.view(b * c, h * w)
    return f @ f.t() / (c * h * w)


content = torch.rand(1, 1, 10, 10)
style = torch.rand(1, 1, 10, 10).round()
content_f, style_g = features(content), gram(features(style))
image = content.clone().requires_grad_(True)
opt = torch.optim.Adam([image], lr=0.02)
for step in range(15):
    opt.zero_grad()
    f = features(image)
    loss = nn.functional.mse_loss(f, content_f) + 50 * nn.functional.mse_loss(gram(f), style_g)
    loss.backward()
    opt.step()
    with torch.no_grad():
        image.clamp_(0, 1)
    if step % 5 == 0:
        print(step, loss.item())
