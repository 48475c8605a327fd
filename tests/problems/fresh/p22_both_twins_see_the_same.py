import torch
import torch.nn as nn
import torch.nn.functional as F


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 6))

    def forward(self, left, right):
        a = self.embed(left)
        b = self.embed(left)
        return F.pairwise_distance(a, b)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def forward(self, distance, same):
        near = same * distance.pow(2)
        far = (1 - same) * F.relu(self.margin - distance).pow(2)
        return (near + far).mean()


torch.manual_seed(0)
centers = torch.randn(5, 8) * 2
label_a, label_b = torch.randint(0, 5, (80,)), torch.randint(0, 5, (80,))
label_b[::2] = label_a[::2]
left = centers[label_a] + 0.1 * torch.randn(80, 8)
right = centers[label_b] + 0.1 * torch.randn(80, 8)
same = (label_a == label_b).float()
net, criterion = Siamese(), ContrastiveLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(3):
    for part in torch.randperm(80).split(20):
        opt.zero_grad()
        loss = criterion(net(left[part], right[part]), same[part])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
