import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(3, 16)
        layer = nn.TransformerEncoderLayer(d_model=16, nhead=4, dim_feedforward=32, dropout=0.0)
        self.encoder = nn.TransformerEncoder(layer, num_layers=1)
        self.cls = nn.Linear(16, 2)

    def forward(self, x):
        h = self.encoder(self.proj(x))
        return self.cls(h.mean(dim=1))


torch.manual_seed(0)
series = torch.randn(48, 10, 3)
label = (series[:, :, 0].mean(1) > 0).long()
model = Model()
opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
for epoch in range(2):
    for xb, yb in DataLoader(TensorDataset(series, label), batch_size=16, shuffle=True):
        loss = nn.functional.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
