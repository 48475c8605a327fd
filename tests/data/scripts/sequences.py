import torch, torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence, pack_sequence

torch.manual_seed(0)
seqs = [torch.randn(n, 3) for n in (4, 2, 3)]
lens = torch.tensor([len(s) for s in seqs])
pad = pad_sequence(seqs, batch_first=True)
print(pad.shape, pad[1])
pk = pack_padded_sequence(pad, lens, batch_first=True, enforce_sorted=False)
print(pk.batch_sizes, pk.sorted_indices, pk.data.shape)
lstm = nn.LSTM(3, 5, num_layers=2, batch_first=True, bidirectional=True, dropout=0.0)
print(lstm)
out, (h, c) = lstm(pk)
o, l = pad_packed_sequence(out, batch_first=True)
print(o.shape, l, h.shape, c.shape)
print(o[1, 2:].abs().sum())
out2, _ = lstm(pad)
print(torch.allclose(o[0], out2[0], atol=1e-6), torch.allclose(o[1, :2], out2[1, :2], atol=1e-6))
print([n for n, _ in lstm.named_parameters()][:4], lstm.weight_ih_l0.shape, lstm.all_weights[0][0].shape)
try:
    pack_padded_sequence(pad, lens, batch_first=True)
except RuntimeError as e:
    print(e)
print(pack_sequence(sorted(seqs, key=len, reverse=True)).batch_sizes)


class Seq2Seq(nn.Module):
    def __init__(self, v=7, d=8):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.enc = nn.GRU(d, d, batch_first=True)
        self.dec = nn.GRUCell(d, d)
        self.out = nn.Linear(d, v)

    def forward(self, src, tgt, tf=0.5):
        _, h = self.enc(self.emb(src))
        h = h[0]
        x = tgt[:, 0]
        outs = []
        for t in range(1, tgt.size(1)):
            h = self.dec(self.emb(x), h)
            logit = self.out(h)
            outs.append(logit)
            x = tgt[:, t] if torch.rand(1).item() < tf else logit.argmax(-1)
        return torch.stack(outs, 1)


m = Seq2Seq()
src = torch.randint(1, 7, (6, 5))
tgt = torch.cat([torch.ones(6, 1, dtype=torch.long), src.flip(1)], 1)
opt = torch.optim.RMSprop(m.parameters(), 5e-3)
for ep in range(6):
    lo = m(src, tgt)
    loss = nn.CrossEntropyLoss(ignore_index=0)(lo.flatten(0, 1), tgt[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    gn = nn.utils.clip_grad_norm_(m.parameters(), 1.0)
    opt.step()
    print(ep, f"{loss.item():.3f} {gn:.3f}")
print(m.emb.weight[0], m.emb.weight.grad[0], m.emb(torch.tensor([0, 1]))[0].sum())
rnn = nn.RNN(2, 3, nonlinearity="relu")
y, hn = rnn(torch.ones(4, 2))
print(y.shape, hn.shape, y.grad_fn is not None)
cell = nn.LSTMCell(2, 3)
hx = cell(torch.ones(2))
print(hx[0].shape)
lstm2 = nn.LSTM(3, 4, proj_size=2)
print(lstm2(torch.zeros(2, 1, 3))[0].shape, lstm2)
print(nn.GRU(2, 3, 2, bias=False, dropout=0.3))
lstm.flatten_parameters()
h0 = torch.zeros(1, 2, 4, requires_grad=True)
g = nn.GRU(3, 4)
y, h = g(torch.randn(5, 2, 3), h0)
y[-1].sum().backward()
print(h0.grad.shape, f"{h0.grad.abs().max():.4f}")
hidden = None
g2 = nn.RNN(1, 2)
for chunk in torch.randn(6, 1, 1).split(2):
    o, hidden = g2(chunk, hidden)
    hidden = hidden.detach()
    print(hidden.flatten())
emb = nn.Embedding(4, 2, max_norm=1.0)
print(emb(torch.tensor([0, 1, 2, 3])).norm(dim=1) <= 1.0001)
print(nn.Embedding.from_pretrained(torch.eye(3))(torch.tensor(1)), nn.EmbeddingBag(4, 2, mode="sum")(torch.tensor([[0, 1]])).shape)
