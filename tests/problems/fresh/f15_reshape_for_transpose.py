import torch

torch.manual_seed(7)
features = torch.randn(3, 20)
w = torch.zeros(3, requires_grad=True)
target = features[0] - 2 * features[2]
opt = torch.optim.SGD([w], lr=0.1)
for step in range(30):
    opt.zero_grad()
    samples = features.reshape(20, 3)
    loss = ((samples @ w - target) ** 2).mean()
    loss.backward()
    opt.step()
print(loss.item())
