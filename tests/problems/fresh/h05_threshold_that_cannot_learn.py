import torch

torch.manual_seed(5)
scale = torch.ones(1, requires_grad=True)
threshold = torch.zeros(1, requires_grad=True)
opt = torch.optim.Adam([scale, threshold], lr=0.05)
x = torch.randn(64)
y = (x > 0.7).float() * 2
for step in range(10):
    opt.zero_grad()
    gate = (x > threshold).float()
    loss = ((scale * gate - y) ** 2).mean()
    loss.backward()
    opt.step()
print(threshold)
