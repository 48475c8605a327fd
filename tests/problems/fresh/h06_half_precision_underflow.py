import torch

torch.manual_seed(6)
w = torch.full((4,), 0.5, dtype=torch.float16, requires_grad=True)
x = torch.randn(8, 4).to(torch.float16) * 1e-3
target = torch.zeros(8, dtype=torch.float16)
opt = torch.optim.SGD([w], lr=0.1)
for step in range(4):
    opt.zero_grad()
    error = (x * w).sum(dim=1) - target
    loss = (error * error).mean() * 1e-3
    loss.backward()
    opt.step()
print(w)
