import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ACCUMULATE = 4


def run(model, loader, optimizer, loss_function):
    optimizer.zero_grad()
    for i, (inputs, targets) in enumerate(loader, start=1):
        loss = loss_function(model(inputs), targets)
        loss.backward()
        if i % ACCUMULATE == 0:
            optimizer.step()
            optimizer.zero_grad()
        if i % 8 == 0:
            print(f"{i}: {loss.item():.4f}")


torch.manual_seed(17)
inputs = torch.randn(96, 7)
targets = torch.sin(inputs).mean(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(7, 14), nn.Tanh(), nn.Linear(14, 1))
loader = DataLoader(TensorDataset(inputs, targets), batch_size=6)
run(model, loader, torch.optim.SGD(model.parameters(), lr=0.05), nn.MSELoss())
