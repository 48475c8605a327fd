import torch
from torch import nn

torch.manual_seed(0)
D = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 9, 1))
opt = torch.optim.Adam(D.parameters(), lr=1e-4, betas=(0.5, 0.9))
for it in range(5):
    real, fake = torch.rand(10, 1, 8, 8), torch.randn(10, 1, 8, 8)
    eps = torch.rand(10, 1, 1, 1)
    x_hat = torch.autograd.Variable(eps * real + (1 - eps) * fake, requires_grad=True)
    d_hat = D(x_hat)
    grads = torch.autograd.grad(outputs=d_hat.sum(), inputs=x_hat, create_graph=True)[0]
    penalty = 10 * (torch.norm(grads) - 1) ** 2
    loss = D(fake).mean() - D(real).mean() + penalty
    opt.zero_grad()
    loss.backward()
    opt.step()
