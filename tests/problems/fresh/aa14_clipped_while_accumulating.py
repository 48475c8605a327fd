import torch
from torch import nn

torch.manual_seed(2)
ACCUM = 4
model = nn.Sequential(nn.Linear(10, 64), nn.GELU(), nn.Linear(64, 5))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
x, y = torch.randn(128, 10) * 6, torch.randint(0, 5, (128,))
micro = list(zip(x.split(8), y.split(8)))
optimizer.zero_grad()
for epoch in range(2):
    for i, (inputs, labels) in enumerate(micro):
        loss = loss_fn(model(inputs), labels) / ACCUM
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        if (i + 1) % ACCUM == 0:
            optimizer.step()
            optimizer.zero_grad()
