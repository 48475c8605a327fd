import torch
from torch import nn

torch.manual_seed(11)


class Speech(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv1d(8, 16, 3, stride=4, padding=1)
        self.out = nn.Linear(16, classes)

    def forward(self, x):
        h = torch.relu(self.conv(x.transpose(1, 2)))
        return self.out(h.transpose(1, 2)).log_softmax(-1)


model = Speech(12)
criterion = nn.CTCLoss(blank=0)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
frames = torch.randn(4, 24, 8)
targets = torch.randint(1, 12, (4, 10))
target_lengths = torch.full((4,), 10)

for step in range(3):
    log_probs = model(frames).transpose(0, 1)
    input_lengths = torch.full((4,), log_probs.size(0))
    loss = criterion(log_probs, targets, input_lengths, target_lengths)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
