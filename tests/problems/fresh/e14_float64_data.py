import numpy as np
import torch

rng = np.random.default_rng(0)
features = torch.from_numpy(rng.normal(size=(10, 3)))
layer = torch.nn.Linear(3, 2)
scores = layer(features)
scores.sum().backward()
