import torch
from torch import nn

torch.manual_seed(37)
model = nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.03)
x_tr, x_va = torch.randn(40, 5), torch.randn(20, 5)
y_tr, y_va = x_tr.sin().sum(1, keepdim=True), x_va.sin().sum(1, keepdim=True)
best, best_state, patience = float("inf"), None, 0
for epoch in range(30):
    model.train()
    loss = nn.functional.mse_loss(model(x_tr), y_tr)
    opt.zero_grad()
    loss.backward()
    opt.step()
    model.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(x_va), y_va).item()
    if val < best:
        best, best_state, patience = val, model.state_dict(), 0
    else:
        patience += 1
        if patience > 5:
            break
model.load_state_dict(best_state)
with torch.no_grad():
    print(best, nn.functional.mse_loss(model(x_va), y_va).item())
