import torch
import torch.nn.functional as F
from torch import nn


def make(width):
    return nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Linear(width, 3))


def accuracy(model, x, y):
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


torch.manual_seed(0)
x = torch.randn(60, 6)
y = x[:, :3].argmax(1)
teacher = make(32)
opt = torch.optim.Adam(teacher.parameters(), lr=1e-2)
for _ in range(10):
    loss = F.cross_entropy(teacher(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("teacher", accuracy(teacher, x, y))

T = 2.0
student = teacher
s_opt = torch.optim.SGD(student.parameters(), lr=0.1)
for epoch in range(4):
    for part in torch.randperm(60).split(20):
        with torch.no_grad():
            soft = F.softmax(teacher(x[part]) / T, dim=1)
        log_student = F.log_softmax(student(x[part]) / T, dim=1)
        distill = F.kl_div(log_student, soft, reduction="batchmean") * T * T
        s_opt.zero_grad()
        distill.backward()
        s_opt.step()
    print(epoch, distill.item(), accuracy(student, x, y))
