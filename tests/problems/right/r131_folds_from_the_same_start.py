# each fold starts from the same weights with an optimizer of its own, and the best state is loaded at the end
import copy

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
start = copy.deepcopy(model.state_dict())
x = torch.randn(60, 4)
y = x.prod(1, keepdim=True)
scores = []
for fold in range(3):
    model.load_state_dict(start)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    held = torch.zeros(60, dtype=torch.bool)
    held[fold * 20 : fold * 20 + 20] = True
    best, best_state = float("inf"), None
    for epoch in range(6):
        model.train()
        loss = nn.functional.mse_loss(model(x[~held]), y[~held])
        opt.zero_grad()
        loss.backward()
        opt.step()
        model.eval()
        with torch.no_grad():
            val = nn.functional.mse_loss(model(x[held]), y[held]).item()
        if val < best:
            best, best_state = val, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    scores.append(best)
print(scores)
