import torch
from torch import nn, optim


class Seq2Vec:
    def __init__(self):
        torch.manual_seed(0)
        self.encoder = nn.GRU(3, 8, batch_first=True)
        self.decoder = nn.Linear(8, 2)
        self.encoder_optimizer = optim.SGD(self.encoder.parameters(), lr=0.05)
        self.decoder_optimizer = optim.SGD(self.decoder.parameters(), lr=0.05)

    def train_on(self, x, y):
        self.encoder_optimizer.zero_grad()
        self.encoder_optimizer.zero_grad()
        _, h = self.encoder(x)
        loss = nn.functional.mse_loss(self.decoder(h[0]), y)
        loss.backward()
        self.encoder_optimizer.step()
        self.decoder_optimizer.step()
        return loss.item()


job = Seq2Vec()
x = torch.randn(12, 4, 3)
y = x.sum(dim=1)[:, :2]
print([round(job.train_on(x, y), 3) for _ in range(8)])
