import torch
import torch.nn as nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


net = Net()
data, goal = torch.randn(32, 4), torch.randn(32, 1)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
criterion = nn.MSELoss()
for epoch in range(6):
    prediction = net(data)
    loss = criterion(prediction, goal)
    loss.backward()
    optimizer.step()
    print(epoch, round(loss.item(), 4))
