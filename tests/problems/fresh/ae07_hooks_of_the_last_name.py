import torch
from torch import nn

torch.manual_seed(7)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
activations = {}
for name, module in net.named_modules():
    if isinstance(module, nn.ReLU):
        module.register_forward_hook(lambda m, i, o: activations.update({name: o.detach()}))

opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(20, 4), torch.randint(0, 2, (20,))
for epoch in range(5):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item(), {k: (v == 0).float().mean().item() for k, v in activations.items()})
