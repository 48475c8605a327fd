import torch
import torch.nn.functional as F

torch.manual_seed(1)
W = torch.zeros(5, 4, requires_grad=True)
b = torch.zeros(4, requires_grad=True)
opt = torch.optim.Adam([W, b], lr=0.05)
for it in range(8):
    s = torch.randn(64, 5)
    logp_all = F.log_softmax(s @ W + b, dim=1)
    a = torch.distributions.Categorical(logits=logp_all.detach()).sample()
    logp = logp_all.gather(1, a.unsqueeze(1)).squeeze(1)
    r = (a == s[:, :4].argmax(1)).float()
    policy = -(logp * (r - r.mean())).mean()
    entropy = -(logp.exp() * logp).mean()
    loss = policy - 0.02 * entropy
    opt.zero_grad()
    loss.backward()
    opt.step()
