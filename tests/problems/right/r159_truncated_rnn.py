import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(7)
TEXT = "the quick brown fox jumps over the lazy dog and runs away from it again " * 4
LETTERS = sorted(set(TEXT))
NUMBER = {letter: i for i, letter in enumerate(LETTERS)}
BATCH, WINDOW = 4, 12


class CharModel(nn.Module):
    def __init__(self, letters, width):
        super().__init__()
        self.embed = nn.Embedding(letters, 12)
        self.rnn = nn.LSTM(12, width, num_layers=2, batch_first=True, dropout=0.1)
        self.head = nn.Linear(width, letters)
        with torch.no_grad():
            for name, p in self.rnn.named_parameters():
                if name.startswith("bias_ih"):
                    p[width : 2 * width].fill_(1.0)

    def forward(self, tokens, state=None):
        out, state = self.rnn(self.embed(tokens), state)
        return self.head(out), state


encoded = torch.tensor([NUMBER[c] for c in TEXT])
columns = encoded[: len(encoded) // BATCH * BATCH].view(BATCH, -1)
model = CharModel(len(LETTERS), 20)
optimizer = torch.optim.RMSprop(model.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.9)

for epoch in range(2):
    model.train()
    state = None
    total, windows = 0.0, 0
    for start in range(0, columns.size(1) - 1 - WINDOW, WINDOW):
        inputs = columns[:, start : start + WINDOW]
        targets = columns[:, start + 1 : start + WINDOW + 1]
        if state is not None:
            state = tuple(s.detach() for s in state)
        optimizer.zero_grad()
        logits, state = model(inputs, state)
        loss = F.cross_entropy(logits.reshape(-1, len(LETTERS)), targets.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
        windows += 1
    scheduler.step()
    print(epoch, round(total / windows, 4))

words = [torch.tensor([NUMBER[c] for c in word]) for word in ("the", "quick", "fox")]
lengths = torch.tensor([len(w) for w in words])
padded = pad_sequence(words, batch_first=True)
model.eval()
with torch.no_grad():
    packed = pack_padded_sequence(model.embed(padded), lengths, batch_first=True, enforce_sorted=False)
    out, (h, c) = model.rnn(packed)
    out, _ = pad_packed_sequence(out, batch_first=True)
    last = out[torch.arange(3), lengths - 1]
    print(torch.allclose(last, h[-1], atol=1e-6))


@torch.no_grad()
def write(start, count):
    letters = list(start)
    tokens, state = torch.tensor([[NUMBER[c] for c in start]]), None
    for _ in range(count):
        logits, state = model(tokens, state)
        tokens = torch.multinomial(F.softmax(logits[:, -1] / 0.8, dim=-1), 1)
        letters.append(LETTERS[tokens.item()])
    return "".join(letters)


print(write("the ", 8))
