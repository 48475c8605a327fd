import torch

torch.manual_seed(6)
net = torch.nn.Linear(3, 1)
ema = {name: p.data for name, p in net.named_parameters()}
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(5):
    opt.zero_grad()
    net(torch.randn(8, 3)).pow(2).mean().backward()
    opt.step()
    for name, p in net.named_parameters():
        ema[name].mul_(0.9).add_(p.data, alpha=0.1)
print((ema["weight"] - net.weight).abs().max().item())
