import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(15)
lstm = nn.LSTM(3, 12, batch_first=True)
head = nn.Linear(12, 1)
params = list(lstm.parameters()) + list(head.parameters())
optimizer = torch.optim.RMSprop(params, lr=1e-3)
x = torch.randn(16, 10, 3)
y = x.sum((1, 2)).unsqueeze(1)
for epoch in range(5):
    optimizer.zero_grad()
    out, _ = lstm(x)
    loss = F.mse_loss(head(out[:, -1]), y)
    loss.backward()
    optimizer.step()
    torch.nn.utils.clip_grad_norm_(params, 0.5)
    print(epoch, loss.item())
