import copy

import torch
import torch.nn.functional as F
from torch import nn


class Reader(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.rnn = nn.GRU(3, hidden, batch_first=True, bidirectional=True)
        self.attend = nn.Linear(2 * hidden, 1)
        self.out = nn.Linear(2 * hidden, 4)

    def forward(self, x):
        states, _ = self.rnn(x)
        weights = torch.softmax(self.attend(states).squeeze(-1), dim=1)
        return self.out((weights.unsqueeze(-1) * states).sum(dim=1))


torch.manual_seed(0)
x = torch.randn(30, 6, 3)
teacher = Reader().eval().requires_grad_(False)
student, best, lowest = Reader(), None, float("inf")
opt = torch.optim.Adam(student.parameters(), lr=5e-3)
for epoch in range(6):
    logs = F.log_softmax(student(x), dim=1)
    goal = F.log_softmax(teacher(x), dim=1)
    loss = F.kl_div(logs, goal, reduction="batchmean", log_target=True) + F.kl_div(logs, goal.exp(), reduction="batchmean")
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
    opt.step()
    if loss.item() < lowest:
        lowest, best = loss.item(), copy.deepcopy(student)
print(lowest, F.kl_div(F.log_softmax(best(x), 1), teacher(x).softmax(1), reduction="batchmean").item())
