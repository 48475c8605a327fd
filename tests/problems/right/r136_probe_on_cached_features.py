# features that are made once without recording, copied out of inference mode, and a policy with the entropy of all actions
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(10, 32), nn.Tanh()).eval().requires_grad_(False)
with torch.inference_mode():
    hidden = backbone(torch.randn(40, 10))
cached = hidden.clone()
probe = nn.Linear(32, 3)
opt = torch.optim.SGD(probe.parameters(), lr=0.5)
labels = torch.randint(0, 3, (40,))
for epoch in range(6):
    loss = nn.functional.cross_entropy(probe(cached), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
actor = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 3))
opt = torch.optim.Adam(actor.parameters(), lr=3e-3)
for update in range(5):
    obs = torch.randn(64, 4)
    with torch.no_grad():
        first = Categorical(logits=actor(obs))
        act = first.sample()
        old = first.log_prob(act)
        adv = (act == (obs[:, 0] > 0).long()).float() - 0.5
    for _ in range(3):
        probs = actor(obs).softmax(-1)
        entropy = -(probs * probs.log()).sum(-1)
        ratio = (probs[torch.arange(64), act].log() - old).exp()
        loss = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean() - 0.01 * entropy.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
