import torch, torch.nn as nn

torch.manual_seed(0)


class Reg(nn.Module):
    def __init__(s):
        super().__init__()
        s.l1 = nn.Linear(6, 32)
        s.d = nn.Dropout(p=0.9)
        s.l2 = nn.Linear(32, 1)

    def forward(s, x):
        return s.l2(s.d(torch.relu(s.l1(x))))


X = torch.randn(64, 6)
Y = X[:, :1] * 2
m = Reg()
o = torch.optim.Adam(m.parameters(), 1e-2)
for _ in range(10):
    o.zero_grad()
    l = nn.functional.mse_loss(m(X), Y)
    l.backward()
    o.step()
