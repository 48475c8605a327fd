import numpy as np
import torch
from torch import nn

torch.manual_seed(0)


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 1, 1))

    def forward(self, x):
        return torch.sigmoid(self.body(x))


def iou_loss(pred, mask):
    hard = torch.tensor(np.round(pred.detach().numpy()), requires_grad=True)
    inter = (hard * mask).sum((1, 2, 3))
    union = (hard + mask - hard * mask).sum((1, 2, 3))
    return (1 - (inter + 1) / (union + 1)).mean()


net = Segmenter()
sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
imgs = torch.rand(6, 3, 8, 8)
masks = (imgs.mean(1, keepdim=True) > 0.5).float()
for epoch in range(5):
    sgd.zero_grad()
    loss = iou_loss(net(imgs), masks)
    loss.backward()
    sgd.step()
    print(f"{epoch} {loss.item():.4f}")
