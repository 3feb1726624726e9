"""Baselines that make a vector of each alert and cluster the vectors."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from alertmesh.recorded import RecordedAlert

_BLOCK = 1000
_DIMENSIONS = 16
_TIME_SCALE_S = 60.0


def dbscan(alerts: Sequence[RecordedAlert], eps: float, window_s: float) -> list[int]:
    """Cluster by the cosine of TF-IDF vectors with DBSCAN; alerts further apart in time are no neighbours."""
    from scipy.sparse import vstack
    from sklearn.cluster import DBSCAN

    texts = [words(alert) for alert in alerts]
    runs = _runs(alerts, texts, window_s)
    vectors = _vectorizer(texts).transform([run.text for run in runs])
    near = vstack([_near(runs, vectors, block, window_s, eps) for block in range(0, len(runs), _BLOCK)])
    labels = DBSCAN(eps=eps, min_samples=1, metric="precomputed").fit_predict(near.maximum(near.T).tocsr())
    found = [0] * len(alerts)
    for run, label in zip(runs, labels.tolist(), strict=True):
        for place in run.places:
            found[place] = label
    return found


def hdbscan(alerts: Sequence[RecordedAlert], window_s: float) -> list[int]:
    """Cluster each window's alerts by TF-IDF and HDBSCAN; what it calls noise is a group of its own."""
    from sklearn.cluster import HDBSCAN

    texts = [words(alert) for alert in alerts]
    vectorizer = _vectorizer(texts)
    found: list[int] = []
    for window in _windows(alerts, texts, window_s):
        distinct = list(dict.fromkeys(window))
        labels = [-1] * len(distinct)
        if len(distinct) > 2:
            # The vectors have length one, so that the plain distance orders them as the cosine does.
            vectors = vectorizer.transform(distinct).toarray()
            labels = HDBSCAN(min_cluster_size=2, copy=True).fit_predict(vectors).tolist()
        base = max(found, default=-1) + 1
        apart = iter(range(base + len(distinct), base + 2 * len(distinct)))
        number = {
            text: base + label if label >= 0 else next(apart)
            for text, label in zip(distinct, labels, strict=True)
        }
        found += [number[text] for text in window]
    return found


def dbstream(alerts: Sequence[RecordedAlert]) -> list[int]:
    """Let river's DBSTREAM learn each alert, labels hashed to 16 numbers and the time beside them."""
    from river.cluster import DBSTREAM

    model = DBSTREAM(clustering_threshold=2.0, fading_factor=0.001, cleanup_interval=1000, minimum_weight=1)
    began = alerts[0].time.timestamp() if alerts else 0.0
    found = []
    for alert in alerts:
        vector = _hashed(alert) | {_DIMENSIONS: (alert.time.timestamp() - began) / _TIME_SCALE_S}
        model.learn_one(vector)
        found.append(int(model.predict_one(vector)))
    return found


def words(alert: RecordedAlert) -> str:
    """Return what the alert says as words, one a line: the values of its labels, each whole."""
    return "\n".join(alert.labels.values())


class _Run(NamedTuple):
    """Alerts of one text, each within the window of the one before: at no distance from one another."""

    text: str
    first: float
    last: float
    places: list[int]


def _runs(alerts: Sequence[RecordedAlert], texts: Sequence[str], window_s: float) -> list[_Run]:
    """Return the runs by their begin."""
    latest: dict[str, _Run] = {}
    done = []
    for place, (alert, text) in enumerate(zip(alerts, texts, strict=True)):
        at = alert.time.timestamp()
        before = latest.get(text)
        if before and at - before.last <= window_s:
            before.places.append(place)
            latest[text] = before._replace(last=at)
            continue
        if before:
            done.append(before)
        latest[text] = _Run(text, at, at, [place])
    return sorted([*done, *latest.values()], key=lambda run: run.places[0])


def _near(runs: Sequence[_Run], vectors: Any, block: int, window_s: float, eps: float) -> Any:
    """Return how far a block of runs is from all that are near in time and words, as sparse rows."""
    from scipy.sparse import csr_matrix

    first = np.array([run.first for run in runs])
    last = np.array([run.last for run in runs])
    mine = slice(block, block + _BLOCK)
    others = np.flatnonzero((last >= first[mine].min() - window_s) & (first <= last[mine].max() + window_s))
    apart = 1 - (vectors[mine] @ vectors[others].T).toarray()
    pause = np.maximum(
        first[others][None, :] - last[mine][:, None], first[mine][:, None] - last[others][None, :]
    )
    row, column = np.nonzero((apart <= eps) & (pause <= window_s))
    distance: NDArray[np.float64] = np.maximum(apart[row, column], 1e-9)
    return csr_matrix((distance, (row, others[column])), shape=(len(apart), len(runs)))


def _vectorizer(texts: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(tokenizer=str.splitlines, lowercase=False, token_pattern=None)
    return vectorizer.fit(texts)


def _windows(alerts: Sequence[RecordedAlert], texts: Sequence[str], window_s: float) -> Iterator[list[str]]:
    pairs = zip(alerts, texts, strict=True)
    for _, window in groupby(pairs, key=lambda pair: pair[0].time.timestamp() // window_s):
        yield [text for _, text in window]


def _hashed(alert: RecordedAlert) -> dict[int, float]:
    vector = dict.fromkeys(range(_DIMENSIONS), 0.0)
    for name, value in alert.labels.items():
        number = xxhash.xxh3_64_intdigest(f"{name}={value}".encode())
        vector[number % _DIMENSIONS] += 1.0 if number >> 63 else -1.0
    return vector
