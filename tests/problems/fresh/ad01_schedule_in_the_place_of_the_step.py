import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR


class DispNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, img):
        return torch.sigmoid(self.conv2(torch.relu(self.conv1(img))))


def train(args, loader, net, optimizer, scheduler):
    for i, (img, depth) in enumerate(loader):
        out = net(img)
        loss = (out - depth).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        if scheduler is not None:
            scheduler.step()
        else:
            optimizer.step()
    return loss.item()


torch.manual_seed(0)
loader = [(torch.rand(2, 1, 6, 6), torch.rand(2, 1, 6, 6)) for _ in range(4)]
net = DispNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
scheduler = StepLR(optimizer, step_size=20, gamma=0.5)
for epoch in range(6):
    print(epoch, train(None, loader, net, optimizer, scheduler))
