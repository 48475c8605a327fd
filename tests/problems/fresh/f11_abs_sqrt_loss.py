import torch

w = torch.tensor([2.0], requires_grad=True)
x = torch.tensor([1.0, 2.0, 3.0])
y = 2 * x
rmse = torch.sqrt(torch.mean((w * x - y) ** 2))
rmse.backward()
print(w.grad)
