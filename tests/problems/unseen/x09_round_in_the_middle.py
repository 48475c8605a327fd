import torch

x = torch.tensor([0.2, 1.7, 2.4], requires_grad=True)
y = torch.round(x * 4) / 4
loss = ((y - 1) ** 2).sum()
loss.backward()
print(x.grad)
