import torch
from torch import nn

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
student = nn.Linear(5, 3)
opt = torch.optim.SGD(student.parameters(), lr=0.1)
x = torch.randn(60, 5)
for epoch in range(6):
    with torch.no_grad():
        soft = (teacher(x) / 2).softmax(1)
    loss = nn.functional.kl_div((student(x) / 2).log_softmax(1), soft, reduction="batchmean")
    opt.zero_grad()
    loss.backward()
    opt.step()
