import torch
from torch import nn

torch.manual_seed(0)
features = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1), nn.ReLU())


def gram(activation):
    b, c, h, w = activation.shape
    flat = activation.view(c, h * w)
    return flat @ flat.t() / (c * h * w)


class StyleLoss(nn.Module):
    def __init__(self, target_feature):
        super().__init__()
        self.target = gram(target_feature)

    def forward(self, x):
        return nn.functional.mse_loss(gram(features(x)), self.target)


style_img = torch.rand(1, 3, 8, 8)
style = StyleLoss(features(style_img))
canvas = torch.rand(1, 3, 8, 8, requires_grad=True)
optimizer = torch.optim.Adam([canvas], lr=0.05)
for step in range(5):
    optimizer.zero_grad()
    loss = style(canvas)
    loss.backward()
    optimizer.step()
    print(step, loss.item())
