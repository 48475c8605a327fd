import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([nn.Linear(5, 10), nn.Linear(10, 10)])
        self.head = nn.Linear(10, 3)

    def forward(self, x):
        for stage in self.stages:
            x = torch.relu(stage(x))
        return self.head(x)


net = Net()
net.stages.requires_grad_(False)
opt = torch.optim.AdamW(net.head.parameters(), lr=1e-2)
x = torch.randn(60, 5)
labels = x[:, :3].argmax(dim=1)
for epoch in range(9):
    if epoch in (3, 6):
        stage = net.stages[1 if epoch == 3 else 0]
        stage.requires_grad_(True)
        opt.add_param_group({"params": stage.parameters(), "lr": 1e-3})
    for idx in torch.randperm(60).split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[idx]), labels[idx])
        loss.backward()
        opt.step()
print(loss.item())
