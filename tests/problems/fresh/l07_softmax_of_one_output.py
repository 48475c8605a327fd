import torch
from torch import nn, optim

torch.manual_seed(0)
X = torch.randn(40, 5)
Y = (X.sum(dim=1, keepdim=True) > 0).float()


class BinaryClassifier(nn.Module):
    def __init__(self):
        super(BinaryClassifier, self).__init__()
        self.hidden = nn.Linear(5, 10)
        self.out = nn.Linear(10, 1)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = torch.relu(self.hidden(x))
        return self.softmax(self.out(x))


clf = BinaryClassifier()
criterion = nn.BCELoss()
optimizer = optim.Adam(clf.parameters(), lr=0.01)
for epoch in range(6):
    pred = clf(X)
    loss = criterion(pred, Y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    acc = ((pred > 0.5).float() == Y).float().mean()
    print(epoch, loss.item(), acc.item())
