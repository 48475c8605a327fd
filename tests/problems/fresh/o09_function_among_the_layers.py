import torch
import torch.nn as nn
import torch.nn.functional as F


def conv_block(c_in, c_out):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, kernel_size=3, padding=1),
        nn.BatchNorm2d(c_out),
        F.relu,
        nn.MaxPool2d(2),
    )


model = nn.Sequential(conv_block(1, 4), conv_block(4, 8), nn.Flatten(), nn.Linear(8 * 2 * 2, 10))
images, labels = torch.randn(6, 1, 8, 8), torch.randint(10, (6,))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(3):
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
