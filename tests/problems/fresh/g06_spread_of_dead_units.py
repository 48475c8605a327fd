import torch

torch.manual_seed(4)


class Norm(torch.nn.Module):
    def forward(self, x):
        m = x.mean(0)
        s = x.var(0, unbiased=False).sqrt()
        return (x - m) / s


net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), Norm(), torch.nn.Linear(4, 1))
with torch.no_grad():
    net[0].bias.fill_(-5.0)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(2):
    opt.zero_grad()
    net(torch.randn(8, 3)).pow(2).mean().backward()
    opt.step()
