import torch
from torch import nn

torch.manual_seed(0)


class QNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(6, 48), nn.Linear(48, 4)

    def forward(self, s):
        return self.l2(torch.tanh(self.l1(s)))


q = QNet()
opt = torch.optim.RMSprop(q.parameters(), lr=1e-3)
for it in range(8):
    s, s1 = torch.randn(40, 6), torch.randn(40, 6)
    a, a1 = torch.randint(4, (40,)), torch.randint(4, (40,))
    r = torch.randn(40)
    with torch.no_grad():
        y = r + 0.95 * q(s1)[torch.arange(40), a1]
    qa = torch.gather(q(s), dim=0, index=a[:, None])[:, 0]
    loss = torch.nn.functional.huber_loss(qa, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
