import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 5)
        self.fc = nn.Linear(7 * 5, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out.reshape(x.size(1), -1))


torch.manual_seed(1)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = torch.randn(7, 12, 3), torch.randint(0, 2, (12,))
for _ in range(6):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
