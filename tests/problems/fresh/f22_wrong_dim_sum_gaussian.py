import torch

logvar = torch.tensor([100.0, 200.0], requires_grad=True)
mu = torch.zeros(2, requires_grad=True)
kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum()
kl.backward()
print(kl)
