import torch

torch.manual_seed(0)
w = torch.zeros(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=2)
x = torch.randn(20, 3)
for epoch in range(5):
    opt.zero_grad()
    loss = (x @ w - 1).square().mean()
    loss.backward()
    opt.step()
    plateau.step()
