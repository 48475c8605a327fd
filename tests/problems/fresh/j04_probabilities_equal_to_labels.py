import torch, torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
X = torch.randn(40, 4)
Y = (X.sum(1) > 0).long()
opt = torch.optim.SGD(net.parameters(), lr=0.5)
bce = nn.BCELoss()
for _ in range(6):
    p = net(X).squeeze(1)
    loss = bce(p, Y.float())
    opt.zero_grad()
    loss.backward()
    opt.step()
    acc = p.eq(Y).sum().item() / 40
    print(loss.item(), acc)
