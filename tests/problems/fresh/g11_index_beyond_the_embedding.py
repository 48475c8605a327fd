import torch

emb = torch.nn.Embedding(5, 3)
ids = torch.tensor([0, 4, 5])
vec = emb(ids)
vec.sum().backward()
