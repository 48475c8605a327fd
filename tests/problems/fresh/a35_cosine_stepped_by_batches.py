import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(33)
epochs = 4
ds = TensorDataset(torch.randn(60, 5), torch.randn(60, 1))
dl = DataLoader(ds, batch_size=10)
model = nn.Sequential(nn.Linear(5, 10), nn.Tanh(), nn.Linear(10, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs)
for epoch in range(epochs):
    for inputs, target in dl:
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(inputs), target)
        loss.backward()
        opt.step()
        sched.step()
    print(epoch, sched.get_last_lr())
