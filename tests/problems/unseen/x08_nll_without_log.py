import torch
import torch.nn.functional as F

torch.manual_seed(0)
model = torch.nn.Linear(4, 3)
x = torch.randn(6, 4)
y = torch.tensor([0, 1, 2, 0, 1, 2])
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(5):
    opt.zero_grad()
    loss = F.nll_loss(F.softmax(model(x), dim=1), y)
    loss.backward()
    opt.step()
print(loss)
