import torch
import torch.nn as nn
import torch.nn.functional as F


class Distiller:
    def __init__(self, teacher, student, temperature=2.0):
        self.teacher, self.student, self.t = teacher.eval(), student, temperature
        self.kl = nn.KLDivLoss(reduction="batchmean")
        self.optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)

    def step(self, x):
        with torch.no_grad():
            soft = F.log_softmax(self.teacher(x) / self.t, dim=1)
        guess = F.log_softmax(self.student(x) / self.t, dim=1)
        loss = self.kl(guess, soft) * self.t**2
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 4))
distiller = Distiller(teacher, nn.Linear(6, 4))
for i in range(10):
    print(i, distiller.step(torch.randn(32, 6)))
