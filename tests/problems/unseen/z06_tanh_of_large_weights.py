import torch

torch.manual_seed(0)
w = (torch.randn(4, 4) * 50).requires_grad_()
x = torch.randn(16, 4)
opt = torch.optim.SGD([w], lr=0.1)
for step in range(4):
    opt.zero_grad()
    h = torch.tanh(x @ w)
    loss = (h - 0.5).pow(2).mean()
    loss.backward()
    opt.step()
