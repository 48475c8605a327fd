"""Dataset distillation: learn four images."""

import torch
from torch import nn

torch.manual_seed(0)
n_cls, per_class = 2, 2
image_syn = torch.randn(n_cls * per_class, 1, 6, 6, requires_grad=True) * 0.01
label_syn = torch.arange(n_cls).repeat_interleave(per_class)

net = nn.Sequential(nn.Flatten(), nn.Linear(36, n_cls))
optimizer_img = torch.optim.SGD([image_syn], lr=0.5, momentum=0.5)

for it in range(10):
    loss = nn.functional.cross_entropy(net(image_syn), label_syn)
    optimizer_img.zero_grad()
    loss.backward()
    optimizer_img.step()
