import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(2)
teacher, student = nn.Linear(5, 3), nn.Linear(5, 3)
opt = torch.optim.SGD(student.parameters(), lr=0.5)
x = torch.randn(32, 5)
with torch.no_grad():
    soft = F.softmax(teacher(x), dim=1)
for step in range(20):
    opt.zero_grad()
    loss = F.kl_div(F.log_softmax(student(x), dim=1), soft, reduction="batchmean")
    loss.backward()
    opt.step()
print(loss.item())
