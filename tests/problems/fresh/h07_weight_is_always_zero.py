import torch
from torch import nn

torch.manual_seed(7)
body, head, aux = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 3)
params = [*body.parameters(), *head.parameters(), *aux.parameters()]
opt = torch.optim.SGD(params, lr=0.05)
x, y, labels = torch.randn(12, 4), torch.randn(12, 1), torch.randint(0, 3, (12,))
steps = 8
for step in range(steps):
    alpha = step // steps
    opt.zero_grad()
    h = torch.tanh(body(x))
    main = ((head(h) - y) ** 2).mean()
    side = nn.functional.cross_entropy(aux(h), labels)
    loss = main + alpha * side
    loss.backward()
    opt.step()
