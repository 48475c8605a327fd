import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.LSTM(input_size=3, hidden_size=8, batch_first=True),
    nn.Linear(8, 1),
)
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
series = torch.randn(4, 10, 3)
target = series.mean(dim=2, keepdim=True)

for epoch in range(3):
    optimizer.zero_grad()
    prediction = model(series)
    loss = nn.functional.mse_loss(prediction, target)
    loss.backward()
    optimizer.step()
