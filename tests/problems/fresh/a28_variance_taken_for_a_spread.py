import torch
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 16)
        self.fc_mu = nn.Linear(16, 3)
        self.fc_logvar = nn.Linear(16, 3)
        self.fc2 = nn.Linear(3, 16)
        self.fc3 = nn.Linear(16, 12)

    def reparameterize(self, mu, logvar):
        std = torch.exp(logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def forward(self, x):
        h = F.relu(self.fc1(x))
        mu, logvar = self.fc_mu(h), self.fc_logvar(h)
        z = self.reparameterize(mu, logvar)
        return torch.sigmoid(self.fc3(F.relu(self.fc2(z)))), mu, logvar


def loss_function(recon, x, mu, logvar):
    bce = F.binary_cross_entropy(recon, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return (bce + kld) / len(x)


torch.manual_seed(26)
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
data = (torch.rand(32, 12) > 0.5).float()
for epoch in range(5):
    optimizer.zero_grad()
    loss = loss_function(*model(data)[:1], data, *model(data)[1:])
    loss.backward()
    optimizer.step()
