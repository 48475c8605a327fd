import torch

x = torch.tensor([0.5, 2.0], requires_grad=True)
margin = 1 - x
loss = margin.log().sum()
loss.backward()
print(x.grad)
