import torch
from torch import nn

torch.manual_seed(30)
vectors = torch.randn(50, 8)


class Bag(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors)
        self.fc = nn.Linear(8, 2)

    def forward(self, ids):
        return self.fc(self.embedding(ids).mean(dim=1))


model = Bag(vectors)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
before = model.embedding.weight.clone()
ids, labels = torch.randint(0, 50, (20, 7)), torch.randint(0, 2, (20,))
for epoch in range(5):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(ids), labels).backward()
    optimizer.step()
print("embeddings changed:", not torch.equal(before, model.embedding.weight))
