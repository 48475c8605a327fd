# a teacher that follows parameters and statistics, with a share that grows at first
import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
student = nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
teacher = copy.deepcopy(student).requires_grad_(False).eval()
opt = torch.optim.Adam(student.parameters(), lr=1e-2)


def update_ema_variables(model, ema_model, alpha, global_step):
    alpha = min(1 - 1 / (global_step + 1), alpha)
    for ema_param, param in zip(ema_model.parameters(), model.parameters()):
        ema_param.data.mul_(alpha).add_(param.data, alpha=1 - alpha)
    for ema_buffer, buffer in zip(ema_model.buffers(), model.buffers()):
        ema_buffer.copy_(buffer)


x = torch.randn(64, 5)
y = (x[:, 0] > x[:, 1]).long()
for step in range(1, 11):
    logits = student(x + 0.1 * torch.randn_like(x))
    with torch.no_grad():
        soft = teacher(x).softmax(1)
    loss = F.cross_entropy(logits, y) + 0.5 * F.mse_loss(logits.softmax(1), soft)
    opt.zero_grad()
    loss.backward()
    opt.step()
    update_ema_variables(student, teacher, 0.95, step)
teacher_train = copy.deepcopy(student).requires_grad_(False)
teacher_train.train()
for step in range(4):
    with torch.no_grad():
        teacher_train(x)
        for a, b in zip(teacher_train.parameters(), student.parameters()):
            a.lerp_(b, 0.1)
