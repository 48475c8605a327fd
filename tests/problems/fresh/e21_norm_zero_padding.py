import torch

torch.manual_seed(10)
emb = torch.nn.Embedding(5, 4, padding_idx=0)
ids = torch.tensor([[1, 2, 0], [3, 0, 0]])
vec = emb(ids)
unit = vec / vec.norm(dim=-1, keepdim=True)
score = unit.sum()
score.backward()
print(emb.weight.grad)
