import torch

torch.manual_seed(0)
image = torch.rand(4)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD([image], lr=0.1)
for step in range(3):
    optimizer.zero_grad()
    model(image).sum().backward()
    optimizer.step()
print(image.grad)
