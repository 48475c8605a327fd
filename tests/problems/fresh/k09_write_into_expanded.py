import torch
from torch import nn

torch.manual_seed(0)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Parameter(torch.zeros(1, 8))
        self.mix = nn.Linear(8, 8)
        self.out = nn.Linear(8, 4)

    def forward(self, codes):
        state = torch.zeros(1, 8).expand(codes.shape[0], 8)
        state += self.start
        for k in range(codes.shape[1]):
            state = torch.tanh(self.mix(state) + codes[:, k])
        return self.out(state)


model = Decoder()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
codes, labels = torch.randn(5, 3, 8), torch.randint(0, 4, (5,))
for _ in range(3):
    loss = nn.functional.cross_entropy(model(codes), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
