import torch

z = torch.tensor([100.0, 0.0], requires_grad=True)
p = z.exp() / z.exp().sum()
loss = -p[1].log()
loss.backward()
print(loss, z.grad)
