import torch, torch.nn as nn, warnings


def n(x):
    return round(float(x.detach()), 4)


torch.manual_seed(0)
e = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
print(e)
enc = nn.TransformerEncoder(e, 2, nn.LayerNorm(8))
x = torch.randn(3, 5, 8)
y = enc(x)
y.pow(2).sum().backward()
print(n(y.abs().sum()), [n(p.grad.norm()) for p in enc.parameters()][:5])
m = nn.Transformer.generate_square_subsequent_mask(5)
print(m)
print(n(enc(x, mask=m).abs().sum()), n(enc(x, mask=m, is_causal=True).abs().sum()))
pad = torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0], [0, 0, 1, 1, 1]], dtype=torch.bool)
print(n(enc(x, src_key_padding_mask=pad).abs().sum()))
enc.eval()
print(n(enc(x, src_key_padding_mask=pad).abs().sum()))
with torch.no_grad():
    print(n(enc(x).abs().sum()), n(enc(x, src_key_padding_mask=pad).abs().sum()), n(enc(x, mask=m).sum()))
torch.manual_seed(1)
t = nn.Transformer(8, 2, 1, 2, 16, dropout=0.2, batch_first=True, activation="gelu", norm_first=True)
src, tgt = torch.randn(2, 4, 8), torch.randn(2, 3, 8)
tm = t.generate_square_subsequent_mask(3)
o = torch.optim.Adam(t.parameters(), 1e-2)
for i in range(3):
    o.zero_grad()
    l = (t(src, tgt, tgt_mask=tm) - 1).pow(2).mean()
    l.backward()
    o.step()
    print(n(l))
torch.manual_seed(2)
t = nn.Transformer(8, 4, 2, 1, 16, dropout=0.0)
print(n(t(torch.randn(4, 2, 8), torch.randn(3, 2, 8)).abs().sum()), sum(p.numel() for p in t.parameters()))
d = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, 0.0, bias=False), 2)
print(n(d(torch.randn(3, 8), torch.randn(4, 8)).abs().sum()))
for f in (
    lambda: nn.TransformerEncoderLayer(8, 3),
    lambda: nn.TransformerEncoderLayer(8, 2, activation="x"),
    lambda: t(torch.randn(4, 2, 8), torch.randn(3, 3, 8)),
    lambda: t(torch.randn(4, 2, 7), torch.randn(3, 2, 8)),
    lambda: enc(x, mask=torch.ones(5, 5, dtype=torch.int64)),
):
    try:
        f()
    except Exception as ex:
        print(type(ex).__name__, ex)
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2), 1)
    nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, batch_first=True, norm_first=True), 1)
    enc.train()
    enc(x, mask=m, src_key_padding_mask=pad)
    print([str(v.message) for v in w])
