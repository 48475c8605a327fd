# hooks that keep detached copies, one that scales on purpose, and tensor hooks of the same shape
import torch
from torch import nn

torch.manual_seed(0)
seen, norms = {}, []


def keep(name):
    def hook(module, inputs, output):
        seen[name] = output.detach()

    return hook


net = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 20), nn.ReLU(), nn.Linear(20, 2))
for i, layer in enumerate(net):
    if isinstance(layer, nn.ReLU):
        layer.register_forward_hook(keep(f"act{i}"))
gain = net[4].register_forward_hook(lambda module, inputs, output: output * 0.5)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = torch.randn(40, 6), torch.randint(0, 2, (40,))
for epoch in range(5):
    h = net[1](net[0](x))
    h.register_hook(lambda g: norms.append(g.norm().item()))
    out = net[4](net[3](net[2](h)))
    loss = nn.functional.cross_entropy(out, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
gain.remove()
print(sorted(seen), len(norms))
