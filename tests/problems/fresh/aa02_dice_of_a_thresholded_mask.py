import torch
from torch import nn


def _threshold(x, threshold=None):
    if threshold is not None:
        return torch.tensor((x > threshold).type(x.dtype), requires_grad=True)
    return x


class DiceLoss(nn.Module):
    def __init__(self, eps=1.0, threshold=None):
        super().__init__()
        self.eps = eps
        self.threshold = threshold

    def forward(self, y_pr, y_gt):
        y_pr = _threshold(torch.sigmoid(y_pr), self.threshold)
        tp = (y_pr * y_gt).sum()
        fp = y_pr.sum() - tp
        fn = y_gt.sum() - tp
        return 1 - (2 * tp + self.eps) / (2 * tp + fn + fp + self.eps)


torch.manual_seed(1)
model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 1))
loss_fn = DiceLoss(threshold=0.5)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
images = torch.rand(4, 1, 8, 8)
masks = (images > 0.6).float()
for epoch in range(4):
    opt.zero_grad()
    loss = loss_fn(model(images), masks)
    loss.backward()
    opt.step()
    print(epoch, loss.item())
