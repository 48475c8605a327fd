import torch

torch.manual_seed(5)
w = torch.randn(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.01, momentum=1.5)
for _ in range(40):
    opt.zero_grad()
    loss = (w**2).sum()
    loss.backward()
    opt.step()
