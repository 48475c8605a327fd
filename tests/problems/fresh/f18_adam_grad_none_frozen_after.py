import torch

torch.manual_seed(14)
model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.05)
x, y = torch.randn(9, 3), torch.randn(9, 1)
for step in range(6):
    if step == 3:
        for p in model[0].parameters():
            p.requires_grad_(False)
    opt.zero_grad(set_to_none=False)
    loss = (model(x) - y).square().mean()
    loss.backward()
    opt.step()
