import torch

x = torch.tensor([[1.0, 2.0]], requires_grad=True)
spread = x.std(dim=0)
loss = spread.sum()
loss.backward()
print(loss, x.grad)
