import torch
from torch import nn

torch.manual_seed(24)
policy = nn.Linear(3, 2)
opt = torch.optim.Adam(policy.parameters(), lr=0.01)
for episode in range(3):
    state = torch.randn(5, 3)
    with torch.no_grad():
        probs = torch.softmax(policy(state), dim=1)
    action = probs.argmax(dim=1, keepdim=True)
    log_prob = torch.log(probs.gather(1, action))
    reward = torch.randn(5, 1)
    loss = -(log_prob * reward).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
