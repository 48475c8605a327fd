import torch
from torch import nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(10, 32), nn.ReLU())
head = nn.Linear(32, 3)
backbone.eval()


@torch.inference_mode()
def extract(x):
    return backbone(x)


data = torch.randn(30, 10)
target = torch.randint(0, 3, (30,))
cached = extract(data)
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
for epoch in range(3):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(head(cached), target)
    loss.backward()
    optimizer.step()
