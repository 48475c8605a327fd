import torch
from torch import nn

torch.manual_seed(0)
series = torch.sin(torch.arange(70.0) / 5)
x = torch.stack([series[i : i + 10] for i in range(50)]).unsqueeze(-1)
y = torch.stack([series[i + 10] for i in range(50)])
rnn, head = nn.GRU(1, 8, batch_first=True), nn.Linear(8, 1)
opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=1e-2)
for epoch in range(3):
    for k in range(0, 50, 10):
        out, _ = rnn(x[k : k + 10])
        prediction = head(out).squeeze(-1)
        loss = nn.functional.mse_loss(prediction, y[k : k + 10])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
