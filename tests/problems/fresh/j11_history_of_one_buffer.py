import torch, torch.nn as nn

torch.manual_seed(0)
hidden = torch.zeros(5)
history = []
for t in range(30):
    hidden.mul_(0.9).add_(0.3 * torch.randn(5))
    history.append(hidden)
data = torch.stack(history)
m = nn.Linear(5, 5)
o = torch.optim.SGD(m.parameters(), 0.1)
for _ in range(5):
    loss = (m(data[:-1]) - data[1:]).pow(2).mean()
    o.zero_grad()
    loss.backward()
    o.step()
