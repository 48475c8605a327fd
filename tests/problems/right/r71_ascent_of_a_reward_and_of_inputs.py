import torch
from torch.func import grad

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(40, 4), torch.randint(0, 3, (40,))
for epoch in range(6):
    x_adv = x.clone()
    for _ in range(3):
        x_adv = x_adv.detach().requires_grad_()
        loss = torch.nn.functional.cross_entropy(model(x_adv), y)
        (slope,) = torch.autograd.grad(loss, x_adv)
        x_adv = x_adv + 0.05 * slope.sign()
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x_adv.detach()), y)
    loss.backward()
    optimizer.step()


def utility(w):
    return -(w - 3).pow(2).sum()


w = torch.zeros(3)
for _ in range(20):
    w = w + 0.1 * grad(utility)(w)
print(w)
