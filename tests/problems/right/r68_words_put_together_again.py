import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(0)
words = [torch.randint(1, 15, (int(n),)) for n in torch.randint(3, 8, (20,))]
batch = pad_sequence(words, batch_first=True)
counts = (batch == 3).to(torch.uint8).sum(dim=1)
flags = (batch > 7).to(torch.uint8)
parity = (flags[:, 0] + flags[:, 1] * flags[:, 2]).float()


class Autoencoder(nn.Module):
    def __init__(self, n, d=16):
        super().__init__()
        self.embed = nn.Embedding(n, d, padding_idx=0)
        self.enc = nn.GRU(d, d, batch_first=True)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(d, n)
        self.side = nn.Linear(d, 1)

    def forward(self, ids):
        e = self.embed(ids)
        _, h = self.enc(e)
        shifted = torch.cat([torch.zeros_like(e[:, :1]), e[:, :-1]], dim=1)
        out, _ = self.dec(shifted, h)
        return self.out(out), self.side(h[0]).squeeze(1)


net = Autoencoder(15)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss(ignore_index=0)
for epoch in range(5):
    logits, side = net(batch)
    loss = criterion(logits.reshape(-1, 15), batch.reshape(-1)) + 0.1 * nn.functional.mse_loss(side, parity)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item(), counts.sum().item())
