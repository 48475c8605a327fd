import torch
from torch import nn


def fit(model, train, valid, epochs=12):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    best_model, best = None, float("inf")
    for epoch in range(epochs):
        model.train()
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            score = nn.functional.mse_loss(model(valid[0]), valid[1]).item()
        if score < best:
            best, best_model = score, model
    return best_model, best


torch.manual_seed(0)
x = torch.randn(40, 10)
y = x[:, :1] + 0.5 * torch.randn(40, 1)
train, valid = (x[:15], y[:15]), (x[15:], y[15:])
net, score = fit(nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1)), train, valid)
print(score, nn.functional.mse_loss(net(valid[0]), valid[1]).item())
