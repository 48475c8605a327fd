# accumulation on purpose: four micro-batches for one large batch
import torch

torch.manual_seed(0)
x = torch.randn(8)

full = torch.ones(1, requires_grad=True)
loss = ((full * x - 1) ** 2).mean()
loss.backward()
print(full.grad)

micro = torch.ones(1, requires_grad=True)
for part in x.split(2):
    piece = ((micro * part - 1) ** 2).mean()
    piece.backward()
print(micro.grad)

divided = torch.ones(1, requires_grad=True)
for part in x.split(2):
    share = ((divided * part - 1) ** 2).mean() / 4
    share.backward()
print(divided.grad)
