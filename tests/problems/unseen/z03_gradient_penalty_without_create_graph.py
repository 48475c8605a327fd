import torch

torch.manual_seed(0)
critic = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
x = torch.randn(3, 2, requires_grad=True)
(slope,) = torch.autograd.grad(critic(x).sum(), x)
penalty = ((slope.norm(dim=1) - 1) ** 2).mean()
penalty.backward()
