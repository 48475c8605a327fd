import torch

torch.manual_seed(0)
w1 = torch.randn(2, 2, requires_grad=True)
w2 = torch.randn(2, 2, requires_grad=True)
optimizer = torch.optim.SGD([w1, w2], lr=0.1)
x = torch.ones(1, 2)
loss = ((x @ w1) @ w2).sum()
for epoch in range(2):
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()
