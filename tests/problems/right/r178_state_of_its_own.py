import torch
from torch import nn


class Polyak:
    def __init__(self, model, tau):
        self.tau = tau
        self.state = {k: v.detach().clone() for k, v in model.state_dict().items()}

    def update(self, model):
        fresh = model.state_dict()
        for k in self.state:
            self.state[k] = (1 - self.tau) * self.state[k] + self.tau * fresh[k]

    def into(self, model):
        model.load_state_dict(self.state)


torch.manual_seed(7)
model, average = nn.Linear(4, 1), nn.Linear(4, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.05)
polyak = Polyak(model, 0.2)
x = torch.randn(40, 4)
y = x @ torch.tensor([[1.0], [2.0], [-1.0], [0.5]])
for step in range(20):
    rows = torch.randint(0, 40, (8,))
    loss = nn.functional.mse_loss(model(x[rows]), y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
    polyak.update(model)
polyak.into(average)
with torch.no_grad():
    print(loss.item(), nn.functional.mse_loss(average(x), y).item())
