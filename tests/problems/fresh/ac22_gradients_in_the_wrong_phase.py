import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(9)
model = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
data = {
    "train": (torch.randn(60, 5), torch.randint(0, 3, (60,))),
    "val": (torch.randn(20, 5), torch.randint(0, 3, (20,))),
}


def run(phase):
    model.train(phase == "train")
    x, y = data[phase]
    total, correct = 0.0, 0
    for start in range(0, len(x), 20):
        xb, yb = x[start : start + 20], y[start : start + 20]
        optimizer.zero_grad()
        with torch.set_grad_enabled(phase == "val"):
            out = model(xb)
            loss = F.cross_entropy(out, yb)
        if phase == "train":
            loss.backward()
            optimizer.step()
        total += loss.item() * len(xb)
        correct += (out.argmax(1) == yb).sum().item()
    return total / len(x), correct / len(x)


for epoch in range(3):
    for phase in ["train", "val"]:
        print(epoch, phase, run(phase))
