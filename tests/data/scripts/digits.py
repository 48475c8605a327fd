from __future__ import print_function
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import Dataset
from torch.optim.lr_scheduler import StepLR
from torch.autograd import Variable


class Digits(Dataset):
    """Seven-segment digits with noise, so that nothing must be downloaded."""

    SEG = ["1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010", "1111111", "1111011"]

    def __init__(self, n, seed, transform=None):
        g = torch.Generator()
        g.manual_seed(seed)
        self.targets = torch.randint(0, 10, (n,), generator=g)
        self.data = torch.zeros(n, 12, 8)
        for i, t in enumerate(self.targets.tolist()):
            s = self.SEG[t]
            if s[0] == "1":
                self.data[i, 1, 2:6] = 1
            if s[1] == "1":
                self.data[i, 1:6, 1] = 1
            if s[2] == "1":
                self.data[i, 1:6, 6] = 1
            if s[3] == "1":
                self.data[i, 6, 2:6] = 1
            if s[4] == "1":
                self.data[i, 6:11, 1] = 1
            if s[5] == "1":
                self.data[i, 6:11, 6] = 1
            if s[6] == "1":
                self.data[i, 10, 2:6] = 1
        self.data += torch.randn(self.data.shape, generator=g) * 0.2
        self.transform = transform

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        x = self.data[i][None]
        return (self.transform(x) if self.transform else x), int(self.targets[i])


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 6, 3, 1)
        self.conv2 = nn.Conv2d(6, 8, 3, 1)
        self.dropout1 = nn.Dropout2d(0.1)
        self.dropout2 = nn.Dropout(0.2)
        self.fc1 = nn.Linear(8 * 4 * 2, 24)
        self.fc2 = nn.Linear(24, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = self.dropout2(x)
        return F.log_softmax(self.fc2(x), dim=1)


def train(args, model, device, loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % args.log_interval == 0:
            print(
                "Train Epoch: {} [{}/{} ({:.0f}%)]\tLoss: {:.6f}".format(
                    epoch, batch_idx * len(data), len(loader.dataset), 100.0 * batch_idx / len(loader), loss.item()
                )
            )


def test(model, device, loader):
    model.eval()
    test_loss = 0
    correct = 0
    cm = torch.zeros(10, 10, dtype=torch.long)
    with torch.no_grad():
        for data, target in loader:
            output = model(data)
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
            cm.index_put_((target, pred.squeeze(1)), torch.ones(len(target), dtype=torch.long), accumulate=True)
    print(
        "\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\n".format(
            test_loss / len(loader.dataset), correct, len(loader.dataset), 100.0 * correct / len(loader.dataset)
        )
    )
    print(cm.diagonal(), cm.sum(0))


parser = argparse.ArgumentParser(description="PyTorch MNIST Example")
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--log-interval", type=int, default=2, metavar="N")
parser.add_argument("--no-cuda", action="store_true")
args = parser.parse_args()
print(args)
torch.manual_seed(1)
device = torch.device("cpu")
ds = Digits(120, 0, transform=lambda x: (x - 0.3) / 0.4)
print(ds[0][0].shape, ds[0][1], ds.data.mean())
loader = torch.utils.data.DataLoader(ds, batch_size=20, shuffle=True, pin_memory=False)
tl = torch.utils.data.DataLoader(Digits(50, 1, lambda x: (x - 0.3) / 0.4), batch_size=25)
model = Net().to(device)
opt = optim.Adadelta(model.parameters(), lr=1.0)
sch = StepLR(opt, step_size=1, gamma=0.7)
for e in range(1, args.epochs + 1):
    train(args, model, device, loader, opt, e)
    test(model, device, tl)
    sch.step()
v = Variable(torch.ones(2), requires_grad=True)
print(v, type(v))
xs = next(iter(tl))[0][:1].requires_grad_()
model(xs)[0, 3].backward()
print(xs.grad.sign().sum((2, 3)), xs.grad.abs().amax())
adv = torch.clamp(xs + 0.1 * xs.grad.sign(), -1, 3).detach()
print((adv - xs).abs().max())
