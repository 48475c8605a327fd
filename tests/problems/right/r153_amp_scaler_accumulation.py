import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 4))

    def forward(self, x):
        return self.classifier(self.features(x))


def pictures(n):
    images = 0.3 * torch.randn(n, 1, 8, 8)
    labels = torch.randint(0, 4, (n,))
    for image, label in zip(images, labels):
        row, column = divmod(label.item(), 2)
        image[0, row * 4 : row * 4 + 4, column * 4 : column * 4 + 4] += 1.0
    return images, labels


train_x, train_y = pictures(96)
test_x, test_y = pictures(32)
model = ConvNet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
accumulate = 2


def train_one_epoch():
    model.train()
    order = torch.randperm(len(train_x))
    chunks = order.split(12)
    optimizer.zero_grad()
    total = 0.0
    for number, rows in enumerate(chunks):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(train_x[rows])
            loss = F.cross_entropy(logits.float(), train_y[rows])
        scaler.scale(loss / accumulate).backward()
        total += loss.item()
        if (number + 1) % accumulate == 0:
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
    return total / len(chunks)


def evaluate():
    model.eval()
    with torch.inference_mode():
        logits = model(test_x)
        return F.cross_entropy(logits, test_y).item(), (logits.argmax(1) == test_y).float().mean().item()


best = float("inf")
for epoch in range(4):
    loss = train_one_epoch()
    val, accuracy = evaluate()
    scheduler.step(val)
    if val < best:
        best = val
        saved = {key: value.clone() for key, value in model.state_dict().items()}
    print(epoch, round(loss, 4), round(val, 4), round(accuracy, 3))
model.load_state_dict(saved)
print(evaluate())
