"""Learn from people how much each kind of evidence is to be trusted.

The trees give each family of evidence its log-odds. What joins is their weighted sum; every weight is 1
until somebody merges, splits or moves. Then the families that spoke for the right answer gain and those
that spoke for the wrong one lose. Few numbers, so that a few corrections go a long way and a bad day
cannot do much harm: no weight leaves `LEAST` to `MOST`.
"""

from collections.abc import Mapping

from river import optim

from alertmesh.core.records import Records

LEAST, MOST = 0.5, 1.5
_RATE = 0.02
_BIAS_RATE = 0.02
_MOST_BIAS = 1.0
_CLIP = 3.0
_BIAS = "bias"
_COUNT = "count"
_LOSS = optim.losses.Log()


class Adapter:
    """Weigh the families of evidence by what people confirmed; `table` is the durable state.

    >>> adapter = Adapter()
    >>> before = adapter.odds({"time": 2.0, "likeness": -1.0})
    >>> adapter.learn({"time": 2.0, "likeness": -1.0}, belongs=False)
    >>> adapter.odds({"time": 2.0, "likeness": -1.0}) < before
    True
    """

    def __init__(self) -> None:
        self.table = Records[str, float]("correlate_weight", float)

    @property
    def lessons(self) -> int:
        """Return from how many judgements it learned."""
        return int(self.table.get(_COUNT) or 0)

    def weight(self, family: str) -> float:
        """Return how much a family counts."""
        known = self.table.get(family)
        return 1.0 if known is None else known

    @property
    def bias(self) -> float:
        """Return what is added to the log-odds whatever the evidence."""
        return self.table.get(_BIAS) or 0.0

    def weigh(self, terms: Mapping[str, float]) -> dict[str, float]:
        """Return the terms as they count."""
        return {family: self.weight(family) * term for family, term in terms.items()}

    def odds(self, terms: Mapping[str, float]) -> float:
        """Return the log-odds that terms stand for."""
        return self.bias + sum(self.weigh(terms).values())

    def learn(self, terms: Mapping[str, float], belongs: bool, prior: float = 0.0) -> None:
        """Take a person's word on evidence that was weighed once; `prior` is what held before it."""
        self._step(terms, _LOSS.gradient(belongs, prior + self.odds(terms)))
        self.table.put(_COUNT, float(self.lessons + 1))

    def rehearse(self, terms: Mapping[str, float], likely: float, prior: float = 0.0) -> None:
        """Go over evidence again that nobody objected to, to think of it as before: `likely`, from 0 to 1."""
        odds = prior + self.odds(terms)
        self._step(terms, likely * _LOSS.gradient(True, odds) + (1.0 - likely) * _LOSS.gradient(False, odds))

    def _step(self, terms: Mapping[str, float], slope: float) -> None:
        """Go down the slope of the loss; what lies beyond the clip is not learned from."""
        clipped = {family: max(-_CLIP, min(_CLIP, term)) for family, term in terms.items()}
        for family, term in clipped.items():
            weight = self.weight(family) - _RATE * slope * term
            self.table.put(family, max(LEAST, min(MOST, weight)))
        self.table.put(_BIAS, max(-_MOST_BIAS, min(_MOST_BIAS, self.bias - _BIAS_RATE * slope)))
