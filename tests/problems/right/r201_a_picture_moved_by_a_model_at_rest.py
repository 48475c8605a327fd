import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
data, labels = torch.randn(60, 8), torch.arange(60) % 3
model = nn.Sequential(nn.Linear(8, 16), nn.Dropout(0.2), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(10):
    model.train()
    loss = F.cross_entropy(model(data), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
picture = data[:1].clone().requires_grad_()
for _ in range(50):
    scores = model(picture)
    if scores[0].argmax() == 2:
        break
    scores[0, 2].backward()
    with torch.no_grad():
        picture += 0.5 * picture.grad / picture.grad.norm()
        picture.grad.zero_()
print(model(picture).argmax().item())
