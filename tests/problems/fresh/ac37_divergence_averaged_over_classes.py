import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(24)
teacher = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 10)).eval()
student = nn.Linear(8, 10)
for p in teacher.parameters():
    p.requires_grad_(False)
optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
x = torch.randn(64, 8)
temperature = 4.0


def distillation(student_logits, teacher_logits):
    soft = F.softmax(teacher_logits / temperature, dim=1)
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    return F.kl_div(log_p, soft)


for epoch in range(6):
    for xb in x.split(16):
        with torch.no_grad():
            wanted = teacher(xb)
        loss = distillation(student(xb), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
