import copy
import torch
from torch import nn

torch.manual_seed(26)
net = nn.Sequential(nn.Linear(3, 12), nn.SiLU(), nn.Linear(12, 1))
opt = torch.optim.SGD(
    [
        {"params": net[0].parameters(), "lr": 0.05},
        {"params": net[2].parameters()},
    ],
    lr=0.1,
    momentum=0.9,
    weight_decay=1e-4,
    nesterov=True,
)
x = torch.randn(80, 3)
y = torch.sin(x).sum(1, keepdim=True)
best, best_state, patience = float("inf"), None, 0
for epoch in range(30):
    net.train()
    for xb, yb in zip(x[:64].split(16), y[:64].split(16)):
        opt.zero_grad()
        nn.functional.huber_loss(net(xb), yb).backward()
        opt.step()
    net.eval()
    with torch.inference_mode():
        score = nn.functional.mse_loss(net(x[64:]), y[64:]).item()
    if score < best:
        best, best_state, patience = score, copy.deepcopy(net.state_dict()), 0
    else:
        patience += 1
        if patience == 3:
            break
net.load_state_dict(best_state)
print(best)
