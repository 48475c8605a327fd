import torch
from torch import nn

torch.manual_seed(0)
series = torch.sin(torch.arange(80) * 0.3) + 0.05 * torch.randn(80)
series -= series.mean()
series[:40] *= 1.0 + 1e-3
series /= series.std()
window = 8
inputs = torch.stack([series[i : i + window] for i in range(len(series) - window)])
targets = series[window:].unsqueeze(1)

model = nn.Sequential(nn.Linear(window, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
running = torch.zeros(window)
n_batches = len(inputs) // 12
for epoch in range(3):
    for b in range(n_batches):
        xb, yb = inputs[b * 12 : (b + 1) * 12], targets[b * 12 : (b + 1) * 12]
        running *= 0.9
        running += 0.1 * xb.mean(dim=0)
        loss = nn.functional.mse_loss(model(xb - running), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()

state = torch.zeros(window)
with torch.no_grad():
    for t in range(10):
        value = model(state.unsqueeze(0))[0, 0]
        state[:-1] = state[1:].clone()
        state[-1] = value
print(loss.item(), state.norm().item())
