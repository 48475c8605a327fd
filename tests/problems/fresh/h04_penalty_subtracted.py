import torch

torch.manual_seed(4)
w = torch.randn(5, requires_grad=True)
x, y = torch.randn(20, 5), torch.randn(20)
opt = torch.optim.SGD([w], lr=0.1)
for step in range(40):
    opt.zero_grad()
    fit = ((x @ w - y) ** 2).mean()
    penalty = (w**2).sum()
    loss = fit - 2.0 * penalty
    loss.backward()
    opt.step()
print(w)
