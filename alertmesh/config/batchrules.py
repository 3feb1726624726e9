"""The form of what is set about the batch pass of the correlator."""

from typing import Annotated

from pydantic import Field

from alertmesh.config.values import Count, Model, Seconds

_Share = Annotated[float, Field(ge=0, le=1)]


class BatchEntry(Model):
    """How often everything active is looked at again, and what may be done without asking."""

    every_s: Seconds | None = None
    window_s: Annotated[Seconds, Field(gt=0)] | None = None
    max_series: Count | None = None
    max_group: Count | None = None
    apply: Annotated[float, Field(ge=0)] | None = None
    suggest: _Share | None = None
    keep_s: Seconds | None = None
    max_proposals: Count | None = None
    max_suggestions: Count | None = None
    max_dismissed: Count | None = None
