"""Where PyTorch's classes live: `print(type(x))` in a script shows `<class 'torch.Tensor'>`, as there.

Classes that this table does not name stay as they are.
"""

from __future__ import annotations

import importlib
from typing import Any

from ..tensor import Size, Tensor, device

_ENGINE = (__package__ or "").rpartition(".")[0]  # gradviz.engine in the wheel

HOMES = {
    "torch.nn.parameter": "Parameter Buffer UninitializedParameter UninitializedBuffer",
    "torch.nn.modules.module": "Module",
    "torch.nn.modules.activation": (
        "CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish MultiheadAttention PReLU RReLU "
        "ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink Softsign Tanh Tanhshrink Threshold"
    ),
    "torch.nn.modules.adaptive": "AdaptiveLogSoftmaxWithLoss",
    "torch.nn.modules.batchnorm": "BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d SyncBatchNorm",
    "torch.nn.modules.channelshuffle": "ChannelShuffle",
    "torch.nn.modules.container": "ModuleDict ModuleList ParameterDict ParameterList Sequential",
    "torch.nn.modules.conv": (
        "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d "
        "LazyConvTranspose2d LazyConvTranspose3d"
    ),
    "torch.nn.modules.distance": "CosineSimilarity PairwiseDistance",
    "torch.nn.modules.dropout": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "torch.nn.modules.flatten": "Flatten Unflatten",
    "torch.nn.modules.fold": "Fold Unfold",
    "torch.nn.modules.instancenorm": "InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d",
    "torch.nn.modules.linear": "Bilinear Identity Linear LazyLinear",
    "torch.nn.modules.loss": (
        "BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss "
        "L1Loss MSELoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PoissonNLLLoss "
        "SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss"
    ),
    "torch.nn.modules.normalization": "GroupNorm LayerNorm LocalResponseNorm RMSNorm",
    "torch.nn.modules.padding": (
        "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d "
        "ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d"
    ),
    "torch.nn.modules.pixelshuffle": "PixelShuffle PixelUnshuffle",
    "torch.nn.modules.pooling": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool1d AvgPool2d "
        "AvgPool3d FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d"
    ),
    "torch.nn.modules.rnn": "GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase",
    "torch.nn.parallel.data_parallel": "DataParallel",
    "torch.nn.modules.sparse": "Embedding EmbeddingBag",
    "torch.nn.modules.transformer": "Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer",
    "torch.nn.modules.upsampling": "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
    "torch.optim.lr_scheduler": (
        "ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR ExponentialLR LRScheduler LambdaLR LinearLR "
        "MultiStepLR MultiplicativeLR OneCycleLR PolynomialLR ReduceLROnPlateau SequentialLR StepLR"
    ),
    "torch.optim.optimizer": "Optimizer",
    "torch.amp.autocast_mode": "autocast",
    "torch.amp.grad_scaler": "GradScaler",
    "torch.cpu.amp.autocast_mode": "autocast",
    "torch.cuda.amp.autocast_mode": "autocast",
    "torch.cuda.amp.grad_scaler": "GradScaler",
    **{f"torch.optim.{name.lower()}": name for name in (
        "ASGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "NAdam", "RAdam", "RMSprop", "Rprop", "SGD",
    )},
    "torch.optim": "Adafactor Muon",
    "torch.utils.data.dataloader": "DataLoader",
    "torch.utils.data.dataset": "ChainDataset ConcatDataset Dataset IterableDataset StackDataset Subset TensorDataset",
    "torch.utils.data.sampler": "BatchSampler RandomSampler Sampler SequentialSampler SubsetRandomSampler WeightedRandomSampler",
    **{f"torch.distributions.{name.lower()}": name for name in (
        "Bernoulli", "Beta", "Binomial", "Categorical", "Cauchy", "Chi2", "Dirichlet", "Distribution", "Exponential", "FisherSnedecor", "Gamma",
        "Geometric", "Gumbel", "Independent", "Laplace", "Multinomial", "Normal", "Pareto", "Poisson", "Uniform",
        "Kumaraswamy", "Weibull", "Wishart",
    )},
    "torch.distributions.von_mises": "VonMises",
    "torch.distributions.continuous_bernoulli": "ContinuousBernoulli",
    "torch.distributions.generalized_pareto": "GeneralizedPareto",
    "torch.distributions.lkj_cholesky": "LKJCholesky",
    "torch.distributions.logistic_normal": "LogisticNormal",
    "torch.distributions.lowrank_multivariate_normal": "LowRankMultivariateNormal",
    "torch.distributions.half_cauchy": "HalfCauchy",
    "torch.distributions.inverse_gamma": "InverseGamma",
    "torch.distributions.negative_binomial": "NegativeBinomial",
    "torch.distributions.half_normal": "HalfNormal",
    "torch.distributions.log_normal": "LogNormal",
    "torch.distributions.mixture_same_family": "MixtureSameFamily",
    "torch.distributions.multivariate_normal": "MultivariateNormal",
    "torch.distributions.one_hot_categorical": "OneHotCategorical OneHotCategoricalStraightThrough",
    "torch.distributions.relaxed_bernoulli": "LogitRelaxedBernoulli RelaxedBernoulli",
    "torch.distributions.relaxed_categorical": "RelaxedOneHotCategorical",
    "torch.distributions.studentT": "StudentT",
    "torch.distributions.transformed_distribution": "TransformedDistribution",
}  # fmt: skip


# PyTorch's modules that are files of ours: all their classes live there
_FILES = {
    "autograd.anomaly": "torch.autograd.anomaly_mode",
    "modes": "torch.autograd.grad_mode",
    "distributions.elementwise_transforms": "torch.distributions.transforms",
    "distributions.vector_transforms": "torch.distributions.transforms",
    **{name: f"torch.{name}" for name in (
        "autograd.forward_ad", "autograd.function", "autograd.graph", "nn.utils.parametrize", "nn.utils.prune", "nn.utils.rnn",
        "optim.swa_utils", "utils.checkpoint",
    )},
}  # fmt: skip


def move_in(torch: Any) -> None:
    """Give every class of the tables its name in PyTorch."""
    from ..dtypes import dtype
    from ..environment import finfo, iinfo
    from ..memory.formats import layout, memory_format
    from ..random.generator import Generator

    for cls in (Tensor, Size, device, dtype, finfo, iinfo, layout, memory_format):
        cls.__module__ = "torch"
    for name, home in _FILES.items():
        file = importlib.import_module(f"{_ENGINE}.{name}")
        for found in vars(file).values():
            if isinstance(found, type) and found.__module__ == file.__name__:
                found.__module__ = home
    Generator.__module__ = "torch._C"
    for home, names in HOMES.items():
        place = public_place(torch, home)
        for name in names.split():
            found = getattr(place, name, None)
            if isinstance(found, type):
                found.__module__ = home


def public_place(torch: Any, home: str) -> Any:
    """The module of torch through which the classes of a home are public."""
    place = torch
    for part in _public_path(home):
        place = getattr(place, part)
    return place


def _public_path(home: str) -> list[str]:
    if home.startswith(("torch.cuda", "torch.cpu")):
        return [home.split(".")[1], "amp"]
    if home == "torch.optim.lr_scheduler":
        return ["optim", "lr_scheduler"]
    parts = home.split(".")[1:]
    return ["utils", "data"] if parts[0] == "utils" else parts[:1]
