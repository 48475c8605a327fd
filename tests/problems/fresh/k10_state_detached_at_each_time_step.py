import torch
from torch import nn

torch.manual_seed(0)


class Recurrent(nn.Module):
    def __init__(self, size=12):
        super().__init__()
        self.size = size
        self.input = nn.Linear(1, size)
        self.hidden = nn.Linear(size, size)
        self.readout = nn.Linear(size, 1)

    def forward(self, series):
        h = torch.zeros(series.shape[0], self.size)
        for t in range(series.shape[1]):
            h = torch.tanh(self.input(series[:, t]) + self.hidden(h.detach()))
        return self.readout(h)


model = Recurrent()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
series = torch.randint(0, 2, (64, 8, 1)).float()
first = series[:, 0]  # to be remembered
for epoch in range(10):
    loss = nn.functional.binary_cross_entropy_with_logits(model(series), first)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
