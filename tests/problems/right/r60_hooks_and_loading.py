import io
import math

import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in))
        self.gain = nn.Parameter(torch.Tensor(n_out))
        self.bias = nn.Parameter(torch.empty(n_out))
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        self.gain.data.fill_(1.0)
        nn.init.zeros_(self.bias)

    def forward(self, x):
        return nn.functional.linear(x, self.weight) * self.gain + self.bias


def build(n_classes):
    return nn.Sequential(Scaled(4, 12), nn.ReLU(), Scaled(12, n_classes))


torch.manual_seed(0)
old = build(3)
buffer = io.BytesIO()
torch.save({k: v for k, v in old.state_dict().items() if not k.startswith("2.")}, buffer)
buffer.seek(0)
net = build(5)
net.load_state_dict(torch.load(buffer), strict=False)  # all but the head
norms = []
net[0].weight.register_hook(lambda g: norms.append(g.norm().item()))
x, y = torch.randn(40, 4), torch.randint(0, 5, (40,))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(6):
    handle = net[2].weight.register_hook(lambda g: g.clamp(-1, 1))
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    handle.remove()
    opt.step()
print(loss.item(), len(norms))
