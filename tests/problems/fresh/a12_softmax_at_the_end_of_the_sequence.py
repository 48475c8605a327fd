import torch
import torch.nn as nn

torch.manual_seed(10)
cnn = nn.Sequential(
    nn.Conv2d(1, 4, 3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(36, 5),
    nn.Softmax(dim=-1),
)
callbacks = [lambda epoch, loss: print("epoch", epoch, "loss", round(loss, 4))]
optimizer = torch.optim.RMSprop(cnn.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
images, classes = torch.rand(20, 1, 8, 8), torch.randint(0, 5, (20,))
for epoch in range(4):
    optimizer.zero_grad()
    loss = loss_fn(cnn(images), classes)
    loss.backward()
    optimizer.step()
    for callback in callbacks:
        callback(epoch, loss.item())
