import torch


def potential(r):
    return (r[:, None] - r[None]).square().add(0.1).rsqrt().triu(1).sum()


torch.manual_seed(0)
r = torch.randn(5, requires_grad=True)
energy = potential(r)
force = -torch.autograd.grad(energy, r, create_graph=True)[0]
hessian = torch.stack([torch.autograd.grad(energy, force, retain_graph=True)[0] for _ in range(5)])
print(hessian.shape)
