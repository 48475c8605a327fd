import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(3)
images, labels = torch.rand(48, 16), torch.randint(0, 4, (48,))
loader = DataLoader(TensorDataset(images, labels), batch_size=12, shuffle=True)
auto = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 16), nn.Sigmoid())
opt = torch.optim.Adam(auto.parameters(), lr=1e-2)
for epoch in range(2):
    for batch, label in loader:
        loss = nn.functional.mse_loss(auto(batch), batch)
        opt.zero_grad()
        loss.backward()
        opt.step()
    for batch, _ in loader:
        noisy = batch + 0.1 * torch.randn_like(batch)
        loss = nn.functional.mse_loss(auto(noisy), batch)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        whole = nn.functional.mse_loss(auto(images), images)
    print(epoch, whole.item())
