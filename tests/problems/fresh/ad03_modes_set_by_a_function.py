import torch
from torch import nn


class Vqa(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(10, 20)
        self.norm = nn.BatchNorm1d(20)
        self.drop = nn.Dropout(0.3)
        self.cls = nn.Linear(20, 4)

    def forward(self, q):
        return self.cls(self.drop(torch.relu(self.norm(self.stem(q)))))


def set_mode(mode, models):
    for m in models:
        if mode == "eval":
            m.eval()
        if mode == "train":
            m.train()


def check_accuracy(model, batches):
    set_mode("eval", [model])
    right = seen = 0
    with torch.no_grad():
        for q, a in batches:
            right += (model(q).argmax(1) == a).sum().item()
            seen += len(a)
    return right / seen


def train_loop(train_set, val_set):
    model = Vqa()
    set_mode("train", [model])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(4):
        for q, a in train_set:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(q), a)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item(), check_accuracy(model, val_set))


torch.manual_seed(31)
train_loop([(torch.randn(16, 10), torch.randint(0, 4, (16,))) for _ in range(3)], [(torch.randn(16, 10), torch.randint(0, 4, (16,)))])
