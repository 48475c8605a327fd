import torch
from torch import nn
import torch.nn.functional as F


class Focal(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logits, targets):
        ce = F.cross_entropy(logits, targets, reduction="none")
        pt = torch.exp(-ce)
        return ((1 - pt) ** self.gamma * ce).mean()


torch.manual_seed(180)
net = nn.Sequential(nn.Linear(5, 16), nn.LeakyReLU(0.1, True), nn.Linear(16, 12), nn.LeakyReLU(inplace=True), nn.Linear(12, 3))
seen = {}
handles = []
for name, module in net.named_modules():
    if isinstance(module, nn.Linear):
        handles.append(module.register_forward_hook(lambda m, i, o, name=name: seen.update({name: o.detach().mean()})))


def keep(name):
    return lambda grad: seen.update({name + ".grad": grad.norm()})


for name, p in net.named_parameters():
    p.register_hook(keep(name))
x = torch.randn(48, 5)
for layer in (net[0], net[2]):
    handle = layer.register_forward_hook(lambda m, i, o: print(tuple(o.shape), layer.out_features))
    net(x[:2].clone())
    handle.remove()
y = x[:, :3].argmax(1)
opt = torch.optim.SGD(net.parameters(), lr=0.2)
for epoch in range(8):
    for i in range(0, 48, 16):
        loss = Focal()(net(x[i : i + 16]), y[i : i + 16])
        opt.zero_grad()
        loss.backward()
        for p in net.parameters():
            p.grad.clamp_(-1, 1)
        opt.step()
print(sorted(seen)[:2], loss.item())
