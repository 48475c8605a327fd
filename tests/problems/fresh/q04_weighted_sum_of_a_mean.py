import torch
import torch.nn as nn

torch.manual_seed(0)
X = torch.randn(40, 3)
y = X @ torch.tensor([[1.0], [2.0], [-1.0]])
sample_weight = torch.rand(40, 1)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = nn.MSELoss()
for epoch in range(5):
    opt.zero_grad()
    out = model(X)
    loss = torch.sum(criterion(out, y) * sample_weight) / sample_weight.sum()
    loss.backward()
    opt.step()
    print(loss.item())
