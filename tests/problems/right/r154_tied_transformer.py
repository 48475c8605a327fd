import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(2)
PAD, WORDS, DIM, HEADS, LENGTH = 0, 24, 16, 2, 12


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(DIM, 3 * DIM)
        self.out = nn.Linear(DIM, DIM)
        self.register_buffer("causal", torch.tril(torch.ones(LENGTH, LENGTH, dtype=torch.bool)))

    def forward(self, x, keep):
        n, t, _ = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = (a.view(n, t, HEADS, DIM // HEADS).transpose(1, 2) for a in (q, k, v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(DIM // HEADS)
        allowed = self.causal[:t, :t] & keep[:, None, None, :]
        scores = scores.masked_fill(~allowed, float("-inf"))
        mixed = scores.softmax(-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(n, t, DIM))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.attention = Attention()
        self.mlp = nn.Sequential(nn.Linear(DIM, 4 * DIM), nn.GELU(), nn.Linear(4 * DIM, DIM))

    def forward(self, x, keep):
        x = x + self.attention(self.norm1(x), keep)
        return x + self.mlp(self.norm2(x))


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, DIM, padding_idx=PAD)
        self.places = nn.Parameter(0.02 * torch.randn(LENGTH, DIM))
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.norm = nn.LayerNorm(DIM)
        self.head = nn.Linear(DIM, WORDS, bias=False)
        nn.init.normal_(self.words.weight, std=0.02)
        self.head.weight = self.words.weight

    def forward(self, tokens):
        keep = tokens != PAD
        x = self.words(tokens) + self.places[: tokens.size(1)]
        for block in self.blocks:
            x = block(x, keep)
        return self.head(self.norm(x))


sentences = []
for _ in range(16):
    start, n = torch.randint(1, WORDS, (1,)).item(), torch.randint(5, LENGTH + 1, (1,)).item()
    words = [(start + i * 3 - 1) % (WORDS - 1) + 1 for i in range(n)]
    sentences.append(torch.tensor(words))
batch = nn.utils.rnn.pad_sequence(sentences, batch_first=True, padding_value=PAD)

model = LanguageModel()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95))
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=10)
for step in range(10):
    rows = batch[torch.randperm(16)[:8]]
    inputs, targets = rows[:, :-1], rows[:, 1:]
    logits = model(inputs)
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    print(step, round(loss.item(), 4))


@torch.no_grad()
def continue_sentence(words, count):
    model.eval()
    for _ in range(count):
        logits = model(torch.tensor([words[-LENGTH:]]))[0, -1]
        words = [*words, logits.argmax().item()]
    return words


print(continue_sentence([1, 4, 7], 4))
