import torch

torch.manual_seed(13)
theta = torch.randn(2, requires_grad=True)
x, y = torch.randn(8, 2), torch.randn(8)
meta = torch.optim.SGD([theta], lr=0.1)
for _ in range(5):
    inner = ((x @ theta - y) ** 2).mean()
    (g,) = torch.autograd.grad(inner, theta, create_graph=True)
    fast = theta - 0.1 * g
    outer = ((x @ fast - y) ** 2).mean()
    meta.zero_grad()
    outer.backward()
    meta.step()
print(theta)
