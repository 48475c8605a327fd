import torch
from torch import nn


def masked_attention(q, k, v, lengths):
    s = torch.einsum("bid,bjd->bij", q, k) / q.shape[-1] ** 0.5
    pad = torch.arange(k.shape[1])[None, :] >= lengths[:, None]
    s[pad] = float("-1e9")
    return torch.einsum("bij,bjd->bid", s.softmax(dim=2), v)


torch.manual_seed(11)
f = nn.Linear(4, 12)
out = nn.Linear(4, 1)
x, lengths = torch.randn(12, 6, 4), torch.randint(2, 7, (12,))
y = torch.randn(12)
opt = torch.optim.Adam([*f.parameters(), *out.parameters()], lr=0.01)
for i in range(6):
    q, k, v = f(x).split(4, -1)
    h = masked_attention(q, k, v, lengths)[:, 0]
    loss = nn.functional.mse_loss(out(h).squeeze(-1), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
