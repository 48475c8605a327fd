import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(192)
x = torch.randn(64, 6)
y = x[:, :4].argmax(1)
teacher = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 4))
student = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))
opt = torch.optim.Adam(teacher.parameters(), lr=0.02)
for epoch in range(12):
    opt.zero_grad()
    F.cross_entropy(teacher(x), y).backward()
    opt.step()
T = 4.0
opt = torch.optim.Adam(student.parameters(), lr=0.02)
for epoch in range(10):
    with torch.no_grad():
        soft = F.softmax(teacher(x) / T, dim=1)
        guess = F.softmax(student(x) / 0.5, dim=1)
    logits = student(x + 0.05 * torch.randn_like(x))
    loss = F.kl_div(F.log_softmax(logits / T, dim=1), soft, reduction="batchmean") * T * T
    loss = loss - 0.1 * (guess * logits.log_softmax(1)).sum(1).mean() + F.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
