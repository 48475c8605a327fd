import torch
from torch import nn

torch.manual_seed(0)


class IoULoss(nn.Module):
    def forward(self, logits, target):
        mask = (torch.sigmoid(logits) > 0.5).float()
        inter = (mask * target).sum()
        union = (mask + target).clamp(max=1).sum()
        return 1 - inter / (union + 1e-6)


model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 3, padding=1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
criterion = IoULoss()
image = torch.rand(2, 1, 8, 8)
target = (image > 0.5).float()
for epoch in range(4):
    optimizer.zero_grad()
    loss = criterion(model(image), target)
    loss.requires_grad = True
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
