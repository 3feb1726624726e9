"""How rules write times and numbers in their notes."""

from datetime import datetime

_UNITS = ((172_800.0, 86_400.0, "days"), (7_200.0, 3_600.0, "h"), (120.0, 60.0, "min"))


def span(seconds: float) -> str:
    """Return a duration in its handiest unit.

    >>> span(45), span(1200), span(10_800), span(259_200)
    ('45 s', '20 min', '3 h', '3 days')
    """
    for least, unit, name in _UNITS:
        if seconds >= least:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def exact(seconds: float) -> str:
    """Return a duration to the second below an hour, else to the minute.

    >>> exact(50), exact(190), exact(360), exact(7_500)
    ('50 s', '3 min 10 s', '6 min', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    high, low = ("min", "s") if whole < 3_600 else ("h", "min")
    first, rest = divmod(whole if high == "min" else whole // 60, 60)
    return f"{first} {high} {rest} {low}" if rest else f"{first} {high}"


def clock(moment: datetime) -> str:
    """Return the time of day of a moment in UTC."""
    return f"{moment:%H:%M} UTC"
