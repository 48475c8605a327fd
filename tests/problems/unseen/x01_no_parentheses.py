import torch

torch.manual_seed(0)
x = torch.randn(8, 2)
y = x.sum(1, keepdim=True)
w = torch.zeros(2, 1, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for epoch in range(5):
    opt.zero_grad()
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    opt.step
    print(f"{loss.item():.4f}")
