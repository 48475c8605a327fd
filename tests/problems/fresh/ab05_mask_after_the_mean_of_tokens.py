import torch
from torch import nn

torch.manual_seed(0)
B, T, V = 8, 10, 25
model = nn.Sequential(nn.Embedding(V, 16), nn.Linear(16, V))
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
tokens = torch.randint(1, V, (B, T + 1))
lengths = torch.randint(3, T, (B,))
mask = (torch.arange(T).expand(B, T) < lengths.unsqueeze(1)).float()
for step in range(6):
    logits = model(tokens[:, :-1])
    loss = criterion(logits.transpose(1, 2), tokens[:, 1:])
    loss = (loss * mask).sum() / mask.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
