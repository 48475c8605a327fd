import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (part.view(n, t, self.heads, d // self.heads).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        weights = torch.softmax(q @ k.transpose(-2, -1) / (d // self.heads) ** 0.5, dim=-1)
        return self.out((weights @ v).transpose(1, 2).reshape(n, t, d))


torch.manual_seed(0)
attention, rnn = Attention(8, 2), nn.LSTM(8, 4)
conv, head = nn.Conv2d(3, 6, 3, padding=1), nn.Linear(5 * 4 + 6 * 16, 2)
opt = torch.optim.Adam([*attention.parameters(), *rnn.parameters(), *conv.parameters(), *head.parameters()], lr=1e-2)
pictures = torch.randint(0, 256, (6, 4, 4, 3), dtype=torch.uint8)
words, y = torch.randn(6, 5, 8), torch.randint(0, 2, (6,))
for _ in range(5):
    states, _ = rnn(attention(words).transpose(0, 1))
    flat = states.permute(1, 0, 2).reshape(6, -1)
    seen = conv(pictures.permute(0, 3, 1, 2).float() / 255).view(6, 2, 3, 4, 4).flatten(1)
    logits = head(torch.cat([flat, seen], dim=1))
    loss = nn.functional.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    nearest = words[:, 0].argmax(dim=0)
    print(loss.item(), (logits.argmax(dim=1) == y).float().mean().item(), nearest.sum().item())
