import torch

x = torch.tensor([10.0, 200.0], requires_grad=True)
p = torch.exp(x) / torch.exp(x).sum()
loss = -torch.log(p[0])
loss.backward()
print(x.grad)
