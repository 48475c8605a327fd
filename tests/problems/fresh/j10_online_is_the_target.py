import torch, torch.nn as nn

torch.manual_seed(0)
online = nn.Linear(4, 2)
target = online
opt = torch.optim.Adam(online.parameters(), 1e-2)
for step in range(20):
    s, n = torch.randn(8, 4), torch.randn(8, 4)
    with torch.no_grad():
        y = s.sum(1) + 0.9 * target(n).max(1)[0]
    loss = (online(s).max(1)[0] - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 5 == 0:
        target.load_state_dict(online.state_dict())
