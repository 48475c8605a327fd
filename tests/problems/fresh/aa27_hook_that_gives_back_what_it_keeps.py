import torch
from torch import nn

torch.manual_seed(0)
features = {}


def save(name):
    def hook(module, inputs, output):
        features[name] = output.detach()
        return features[name]

    return hook


net = nn.Sequential(nn.Linear(7, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 2))
net[2].register_forward_hook(save("mid"))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = torch.randn(32, 7), torch.randint(0, 2, (32,))
for epoch in range(6):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
print(features["mid"].std(), net[0].weight.grad)
