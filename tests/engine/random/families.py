"""Distributions that PyTorch and the engine both use: tools/random_goldens.py stores PyTorch's numbers, the tests make ours."""

from __future__ import annotations

from typing import Any

# name: (what makes it, out of d = torch.distributions, t = torch.tensor and two leaves a, b), whether rsample has a gradient
CASES: dict[str, tuple[str, bool]] = {
    "normal": ("d.Normal(a, b)", True),
    "normal of numbers": ("d.Normal(0.5, 2.0)", False),
    "normal broadcast": ("d.Normal(a.unsqueeze(1), b)", True),
    "log-normal": ("d.LogNormal(a, b)", True),
    "half-normal": ("d.HalfNormal(b)", True),
    "uniform": ("d.Uniform(a, a + b)", True),
    "exponential": ("d.Exponential(b)", True),
    "laplace": ("d.Laplace(a, b)", True),
    "cauchy": ("d.Cauchy(a, b)", True),
    "bernoulli": ("d.Bernoulli(b / 4)", False),
    "bernoulli of logits": ("d.Bernoulli(logits=a)", False),
    "geometric": ("d.Geometric(b / 4)", False),
    "binomial": ("d.Binomial(10, b / 4)", False),
    "binomial of logits": ("d.Binomial(t([3., 5., 40.]), logits=a)", False),
    "poisson": ("d.Poisson(b * 3)", False),
    "categorical": ("d.Categorical(b)", False),
    "categorical of logits": ("d.Categorical(logits=torch.stack([a, b]))", False),
    "one-hot": ("d.OneHotCategorical(b)", False),
    "multinomial": ("d.Multinomial(20, b)", False),
    "gamma": ("d.Gamma(b, b + 1)", True),
    "chi2": ("d.Chi2(b)", True),
    "beta": ("d.Beta(b, b + 0.5)", True),
    "beta of numbers": ("d.Beta(2.0, 3.0)", False),
    "dirichlet": ("d.Dirichlet(b)", True),
    "student": ("d.StudentT(b + 2, a, b)", True),
    "multivariate": ("d.MultivariateNormal(a, torch.diag(b) + 0.1)", True),
    "multivariate batch": ("d.MultivariateNormal(torch.stack([a, b]), scale_tril=torch.diag(b))", True),
    "multivariate precision": ("d.MultivariateNormal(a, precision_matrix=torch.diag(b) + 0.1)", True),
    "independent": ("d.Independent(d.Normal(torch.stack([a, b]), b), 1)", True),
    "mixture": ("d.MixtureSameFamily(d.Categorical(b), d.Normal(a, b))", False),
    "mixture of vectors": (
        "d.MixtureSameFamily(d.Categorical(b), d.Independent(d.Normal(torch.stack([a, b, a]), torch.ones(3, 3)), 1))",
        False,
    ),
    "gumbel": ("d.Gumbel(a, b)", True),
    "relaxed bernoulli": ("d.RelaxedBernoulli(torch.tensor(0.7), b / 4)", True),
    "relaxed one-hot": ("d.RelaxedOneHotCategorical(torch.tensor(0.7), b)", True),
    "transformed tanh": ("d.TransformedDistribution(d.Normal(a, b), [d.transforms.TanhTransform()])", True),
    "transformed affine": (
        "d.TransformedDistribution(d.Normal(a, b), [d.AffineTransform(b, 2.0), d.ExpTransform(), d.AffineTransform(0.5, -b)])",
        True,
    ),
    "transformed sigmoid": ("d.TransformedDistribution(d.Normal(0.0, 1.0), [d.AffineTransform(a, b), d.SigmoidTransform()])", True),
    "transformed vector": (
        "d.TransformedDistribution(d.Independent(d.Normal(a, b), 1), [d.SoftplusTransform(), d.ExpTransform()])",
        True,
    ),
    "weibull": ("d.Weibull(b, b + 0.5)", True),
    "pareto": ("d.Pareto(b, b + 2)", True),
    "half-cauchy": ("d.HalfCauchy(b)", True),
    "inverse gamma": ("d.InverseGamma(b + 2, b)", True),
    "kumaraswamy": ("d.Kumaraswamy(b, b + 0.5)", True),
    "von mises": ("d.VonMises(a, b)", False),
    "von mises narrow": ("d.VonMises(a, b * 8)", False),
    "negative binomial": ("d.NegativeBinomial(b * 3, b / 4)", False),
    "negative binomial of logits": ("d.NegativeBinomial(4.0, logits=a)", False),
    "expanded": ("d.Normal(a, b).expand([2, 3])", True),
    "expanded categorical": ("d.Categorical(b).expand([4])", False),
    "fisher-snedecor": ("d.FisherSnedecor(b + 4, b + 5)", True),
    "expanded mixture": ("d.MixtureSameFamily(d.Categorical(b), d.Normal(a, b)).expand([2])", False),
    "transformed simplex": ("d.TransformedDistribution(d.Independent(d.Normal(a, b), 1), [d.StickBreakingTransform()])", True),
    "low rank": ("d.LowRankMultivariateNormal(a, torch.stack([a, b], 1), b)", True),
    "low rank batch": ("d.LowRankMultivariateNormal(torch.stack([a, b]), b.unsqueeze(1), b + 0.5)", True),
    "low rank expanded": ("d.LowRankMultivariateNormal(a, b.unsqueeze(1), b).expand([2])", True),
    "continuous bernoulli": ("d.ContinuousBernoulli(b / 4)", True),
    "continuous bernoulli of logits": ("d.ContinuousBernoulli(logits=a)", True),
    "continuous bernoulli half": ("d.ContinuousBernoulli(b / b / 2)", True),
    "logistic normal": ("d.LogisticNormal(a, b)", True),
    "lkj": ("d.LKJCholesky(3, b + 0.5)", False),
    "lkj of a number": ("d.LKJCholesky(4, 0.5)", False),
    "lkj expanded": ("d.LKJCholesky(3, b).expand([2, 3])", False),
    "wishart": ("d.Wishart(t(4.5), covariance_matrix=torch.diag(b) + 0.1)", False),
    "wishart batch": ("d.Wishart(b + 4, scale_tril=torch.diag(b))", False),
    "wishart precision": ("d.Wishart(6, precision_matrix=torch.diag(b) + 0.1)", False),
    "wishart expanded": ("d.Wishart(t(5.), torch.eye(2) * b[1]).expand([3])", False),
    "generalized pareto": ("d.GeneralizedPareto(a, b, t([0.2, 0.0, -0.4]))", True),
    "generalized pareto of numbers": ("d.GeneralizedPareto(0.0, 1.0, 0.3)", False),
    "transformed correlations": ("d.TransformedDistribution(d.Independent(d.Normal(a, b), 1), [d.CorrCholeskyTransform()])", True),
    "transformed reshape": ("d.TransformedDistribution(d.Independent(d.Normal(a, b), 1), [d.ReshapeTransform((3,), (3, 1))])", True),
}

DIVERGENCES = [
    "d.kl_divergence(d.Normal(a, b), d.Normal(0.0, 1.0))",
    "d.kl_divergence(d.Bernoulli(b / 4), d.Bernoulli(0.3))",
    "d.kl_divergence(d.Categorical(b), d.Categorical(logits=a))",
    "d.kl_divergence(d.Exponential(b), d.Exponential(b * 2))",
    "d.kl_divergence(d.Laplace(a, b), d.Laplace(b, b + 1))",
    "d.kl_divergence(d.Poisson(b), d.Poisson(b + 1))",
    "d.kl_divergence(d.Geometric(b / 4), d.Geometric(b / 5))",
    "d.kl_divergence(d.Uniform(a, a + 1), d.Uniform(a - 1, a + b))",
    "d.kl_divergence(d.Gamma(b, b + 1), d.Gamma(b + 1, b))",
    "d.kl_divergence(d.Beta(b, b + 1), d.Beta(b + 2, b))",
    "d.kl_divergence(d.Dirichlet(b), d.Dirichlet(b + 1))",
    "d.kl_divergence(d.MultivariateNormal(a, torch.diag(b)), d.MultivariateNormal(b, torch.eye(3) + 0.2))",
    "d.kl_divergence(d.Independent(d.Normal(a, b), 1), d.Independent(d.Normal(b, b + 1), 1))",
    "d.kl_divergence(d.Bernoulli(b / 4), d.Poisson(b))",
    "d.kl_divergence(d.Binomial(4, b / 4), d.Binomial(4, b / 5))",
    "d.kl_divergence(d.Beta(b, b + 1), d.Exponential(b))",
    "d.kl_divergence(d.Beta(b, b + 1), d.Gamma(b, b + 2))",
    "d.kl_divergence(d.Beta(b, b + 1), d.Normal(a, b))",
    "d.kl_divergence(d.Beta(b, b + 1), d.Uniform(-b, b))",
    "d.kl_divergence(d.Exponential(b), d.Gamma(b, b + 2))",
    "d.kl_divergence(d.Exponential(b), d.Gumbel(a, b))",
    "d.kl_divergence(d.Exponential(b), d.Normal(a, b))",
    "d.kl_divergence(d.Gamma(b, b + 1), d.Exponential(b))",
    "d.kl_divergence(d.Gamma(b, b + 1), d.Gumbel(a, b))",
    "d.kl_divergence(d.Gamma(b, b + 1), d.Normal(a, b))",
    "d.kl_divergence(d.Gumbel(a, b), d.Gumbel(b, b + 1))",
    "d.kl_divergence(d.Gumbel(a, b), d.Normal(b, b + 1))",
    "d.kl_divergence(d.Laplace(a, b), d.Normal(b, b + 1))",
    "d.kl_divergence(d.Normal(a, b), d.Gumbel(b, b + 1))",
    "d.kl_divergence(d.Normal(a, b), d.Laplace(b, b + 1))",
    "d.kl_divergence(d.Pareto(b + 1, b + 2), d.Pareto(b, b + 1))",
    "d.kl_divergence(d.Pareto(b, b + 2), d.Exponential(b))",
    "d.kl_divergence(d.Pareto(b, b + 2), d.Gamma(b, b + 2))",
    "d.kl_divergence(d.Pareto(b, b + 2), d.Normal(a, b))",
    "d.kl_divergence(d.Uniform(b / 8, b / 4), d.Beta(b, b + 1))",
    "d.kl_divergence(d.Uniform(b, b + 1), d.Exponential(b))",
    "d.kl_divergence(d.Uniform(b, b + 1), d.Gamma(b, b + 2))",
    "d.kl_divergence(d.Uniform(a, a + 1), d.Gumbel(a, b))",
    "d.kl_divergence(d.Uniform(a, a + 1), d.Normal(a, b))",
    "d.kl_divergence(d.Uniform(b, b + 1), d.Pareto(b / 2, b))",
    "d.kl_divergence(d.Cauchy(a, b), d.Cauchy(b, b + 1))",
    "d.kl_divergence(d.LogNormal(a, b), d.LogNormal(b, b + 1))",
    "d.kl_divergence(d.HalfNormal(b), d.HalfNormal(b + 1))",
    "d.kl_divergence(d.LowRankMultivariateNormal(a, b.unsqueeze(1), b), d.LowRankMultivariateNormal(b, a.unsqueeze(1), b + 1))",
    "d.kl_divergence(d.MultivariateNormal(a, torch.diag(b)), d.LowRankMultivariateNormal(b, a.unsqueeze(1), b + 1))",
    "d.kl_divergence(d.LowRankMultivariateNormal(a, b.unsqueeze(1), b), d.MultivariateNormal(b, torch.diag(b) + 0.1))",
    "d.kl_divergence(d.ContinuousBernoulli(b / 4), d.ContinuousBernoulli(logits=a))",
    "d.kl_divergence(d.Beta(b, b + 1), d.ContinuousBernoulli(b / 4))",
    "d.kl_divergence(d.ContinuousBernoulli(b / 4), d.Exponential(b))",
    "d.kl_divergence(d.ContinuousBernoulli(b / 4), d.Normal(a, b))",
    "d.kl_divergence(d.ContinuousBernoulli(b / 4), d.Uniform(a, a + 5))",
    "d.kl_divergence(d.Uniform(b / 8, b / 4), d.ContinuousBernoulli(b / 4))",
    "d.kl_divergence(d.LogisticNormal(a, b), d.LogisticNormal(b, b + 1))",
]

ERRORS = [
    "d.Normal(0., -1.)",
    "d.Normal(t([0., 1.]), t([1., -1.]))",
    "d.Categorical(t([-1., 2.]))",
    "d.Categorical(logits=t([float('nan'), 2.]))",
    "d.Categorical(t([.5, .5])).log_prob(t(2))",
    "d.Categorical(t([[.5, .5]] * 2)).log_prob(t([0, 1, 0]))",
    "d.Categorical()",
    "d.Categorical(t(1.))",
    "d.Bernoulli(1.5)",
    "d.Bernoulli(0.5).log_prob(t(.3))",
    "d.Uniform(2., 1.)",
    "d.Uniform(0., 1.).log_prob(t(3.))",
    "d.Exponential(-1.)",
    "d.Normal(0., 1.).log_prob(1.)",
    "d.MultivariateNormal(torch.zeros(2), t([[1., 2.], [2., 1.]]))",
    "d.MultivariateNormal(torch.zeros(2), torch.eye(2)).log_prob(torch.zeros(3))",
    "d.MultivariateNormal(torch.zeros(2))",
    "d.Dirichlet(t([1., -1.]))",
    "d.Normal('a', 1.)",
    "d.Poisson(t([1., 2.])).log_prob(t([1.5, 1.]))",
    "d.LowRankMultivariateNormal(t(0.), torch.ones(1, 1), torch.ones(1))",
    "d.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2), torch.ones(2))",
    "d.LowRankMultivariateNormal(torch.zeros(2), torch.ones(3, 1), torch.ones(2))",
    "d.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2, 1), torch.ones(3))",
    "d.LowRankMultivariateNormal(torch.zeros(3, 2), torch.ones(4, 2, 1), torch.ones(2))",
    "d.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2, 1), -torch.ones(2))",
    "d.ContinuousBernoulli(1.5)",
    "d.ContinuousBernoulli(1.5, validate_args=True)",
    "d.ContinuousBernoulli()",
    "d.ContinuousBernoulli(0.3).log_prob(t(1.5))",
    "d.LogisticNormal(0., -1.)",
    "d.LKJCholesky(1)",
    "d.LKJCholesky(3, -1.)",
    "d.LKJCholesky(3).log_prob(torch.ones(3, 3))",
    "d.Wishart(1., torch.eye(3))",
    "d.Wishart(5., torch.eye(3), torch.eye(3))",
    "d.Wishart(5.)",
    "d.Wishart(5., torch.ones(3))",
    "d.Wishart(5., -torch.eye(3))",
    "d.Wishart(5., torch.eye(2)).log_prob(torch.ones(2, 2))",
    "d.Wishart(b[0] + 5., torch.eye(2)).rsample((2,)).sum().backward()",
    "d.Wishart(b[0] + 5., torch.eye(2)).rsample().sum().backward()",
    "d.Wishart(b + 5., torch.eye(2)).rsample((2,)).sum().backward()",
    "d.GeneralizedPareto(0., -1., 0.1)",
    "d.GeneralizedPareto(0., 1., 0.1).log_prob(t(-1.))",
    "d.GeneralizedPareto(0., 1., -0.5).log_prob(t(3.))",
    "d.constraints.corr_cholesky.check(torch.eye(2))[0]",
    "d.CorrCholeskyTransform()(torch.zeros(4))",
    "d.CorrCholeskyTransform().forward_shape((4,))",
    "d.CorrCholeskyTransform().inverse_shape((4, 3))",
    "d.Geometric(0.)",
    "d.Independent(d.Normal(0., 1.), 1)",
    "torch.randn(2.5)",
    "torch.rand('a')",
    "torch.rand(2, 2.5)",
    "torch.rand((2, 2.5))",
    "torch.rand()",
    "torch.randn(2, -3)",
    "torch.zeros(2.5)",
    "torch.ones((2, 'a'))",
    "torch.randint(5)",
    "torch.randint(0, 5)",
    "torch.randint(0, 5, 3)",
    "torch.randint(2.5, (2,))",
    "torch.randint(5, 5, (2,))",
    "torch.randint(2**70, (1,))",
    "torch.randperm(2.5)",
    "torch.randperm(-1)",
    "torch.rand(2, dtype=torch.int64)",
    "torch.randn(2, dtype=torch.int32)",
    "torch.randn_like(torch.ones(2, dtype=torch.int64))",
    "torch.rand_like([1])",
    "torch.multinomial(t([1, 2]), 1)",
    "torch.multinomial(torch.ones(2, 2, 2), 1)",
    "torch.multinomial(torch.ones(2), 0)",
    "torch.multinomial(torch.ones(2), 3)",
    "torch.multinomial(torch.zeros(2), 1)",
    "torch.normal(0, 1)",
    "torch.normal(0., -1., (2,))",
    "torch.normal(torch.ones(2), t([1., -1.]))",
    "torch.bernoulli(2.)",
    "torch.poisson(t([1, 2]))",
    "torch.poisson(t([-1.]))",
    "torch.zeros(2, dtype=torch.int64).normal_()",
    "torch.zeros(2, dtype=torch.int64).uniform_()",
    "torch.zeros(2, dtype=torch.int64).exponential_()",
    "torch.zeros(2).uniform_(3, 1)",
    "torch.zeros(2).normal_(0, -1)",
    "torch.zeros(2).bernoulli_(1.5)",
    "torch.zeros(2).exponential_(-1.)",
    "torch.zeros(2).geometric_(0)",
    "torch.zeros(2).cauchy_(0, -2)",
    "torch.zeros(2).log_normal_(0, -2)",
    "torch.zeros(2).random_(5, 2)",
    "torch.zeros(3, requires_grad=True).normal_()",
    "torch.set_rng_state(torch.zeros(3))",
    "torch.set_rng_state(3)",
    "torch.manual_seed(2**65)",
    "torch.manual_seed('a')",
    "torch.nn.functional.dropout(torch.ones(3), 1.5)",
]


def _leaves(torch: Any) -> dict[str, Any]:
    a = torch.tensor([0.3, -1.2, 0.8], requires_grad=True)
    b = torch.tensor([0.5, 1.5, 2.5], requires_grad=True)
    return {"torch": torch, "d": torch.distributions, "t": torch.tensor, "a": a, "b": b}


def _grads(result: Any, names: dict[str, Any]) -> list[Any]:
    result.sum().backward()
    found = [None if names[k].grad is None else names[k].grad.tolist() for k in ("a", "b")]
    names["a"].grad = names["b"].grad = None
    return found


def run(torch: Any, name: str) -> dict[str, Any]:
    """What a distribution prints, draws, and computes, with gradients."""
    text, reparameterised = CASES[name]
    names = _leaves(torch)

    def make() -> Any:
        return eval(text, names)  # the lines above, no other text

    p = make()
    torch.manual_seed(11)
    drawn = p.sample((4,))
    made: dict[str, Any] = {
        "repr": repr(p),
        "shapes": [list(p.batch_shape), list(p.event_shape)],
        "sample": drawn.tolist(),
        "next": torch.rand(1).item(),
        "log_prob": p.log_prob(drawn).tolist(),
    }
    if p.log_prob(drawn).requires_grad:
        made["log_prob gradients"] = _grads(make().log_prob(drawn), names)
    for what in ("mean", "variance", "stddev"):
        if not name.startswith(("student", "mixture of", "transformed", "relaxed", "logistic", "lkj")):
            made[what] = getattr(make(), what).tolist()
    if not name.startswith(
        ("mixture", "expanded mixture", "fisher", "poisson", "binomial of", "negative", "transformed", "relaxed", "von", "logistic", "lkj")
    ):
        made["entropy"] = make().entropy().tolist()
    if reparameterised:
        torch.manual_seed(12)
        moving = make().rsample((2,))
        made["rsample"] = moving.tolist()
        made["rsample gradients"] = _grads(moving, names)
    return made


def divergence(torch: Any, text: str) -> list[Any]:
    """A divergence and its gradients."""
    names = _leaves(torch)
    result = eval(text, names)
    return [result.tolist(), _grads(result, names)]


def error(torch: Any, text: str) -> list[str]:
    """The type and the words of what is raised."""
    try:
        eval(text, _leaves(torch))
    except Exception as raised:
        return [type(raised).__name__, str(raised).partition("\nException raised from")[0]]
    return ["no error", ""]
