# saliency after zero_grad of the optimizer's list
import torch, torch.nn as nn

torch.manual_seed(0)
img = torch.randn(1, 3, 8, 8, requires_grad=True)
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))
opt = torch.optim.SGD([img], lr=0.1)
for _ in range(3):
    score = net(img)[0, 2]
    score.backward()
    opt.zero_grad(set_to_none=False)
    with torch.no_grad():
        img += 0.1 * img.grad / (img.grad.norm() + 1e-8)
