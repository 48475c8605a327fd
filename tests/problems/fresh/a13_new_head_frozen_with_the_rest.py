import torch
from torch import nn


def build(num_classes):
    backbone = nn.Sequential()
    backbone.add_module("stem", nn.Linear(10, 20))
    backbone.add_module("act", nn.ReLU())
    backbone.add_module("fc", nn.Linear(20, 1000))
    backbone.fc = nn.Linear(20, num_classes)
    for param in backbone.parameters():
        param.requires_grad_(False)
    return backbone


torch.manual_seed(11)
model = build(4)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
images, labels = torch.randn(16, 10), torch.randint(4, (16,))
for epoch in range(3):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
