import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
policy_net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))
target_net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))
target_net.load_state_dict(policy_net.state_dict())
optimizer = torch.optim.AdamW(policy_net.parameters(), lr=1e-3)
GAMMA = 0.99
for step in range(6):
    state_batch = torch.randn(32, 4)
    action_batch = torch.randint(0, 2, (32, 1))
    next_batch = torch.randn(32, 4)
    reward_batch = torch.randn(32)
    state_action_values = policy_net(state_batch).gather(0, action_batch)
    with torch.no_grad():
        next_values = target_net(next_batch).max(1).values
    expected = reward_batch + GAMMA * next_values
    loss = F.smooth_l1_loss(state_action_values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
