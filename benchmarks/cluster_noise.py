"""What happens all the time and needs nobody: jobs by the clock, chronic alerts, flapping, healing."""

from benchmarks.cluster_facts import CHRONIC, DAY_S, FLAPPERS, HEALERS, HOURLY, NIGHTLY, WEEKLY, Healer, Job
from benchmarks.cluster_ground import Alarm, Ground, labels_of


def jobs(ground: Ground) -> None:
    """Add every run of what runs by the clock, from the beginning of the recording on."""
    for job in (*NIGHTLY, *HOURLY, *WEEKLY):
        for number in range(job.places):
            _job(ground, job, number)


def _job(ground: Ground, job: Job, number: int) -> None:
    offset = job.offset_s + number * job.stagger_s
    for day in range(0, ground.shape.end, job.every_s):
        start = day + offset + ground.random.randint(-job.jitter_s, job.jitter_s)
        labels = labels_of(job.alert, job.severity, host=f"{job.host}-{number:02d}", job=job.name)
        length = ground.random.randint(*job.length_s)
        if start >= 0 and start + length < ground.shape.end:
            ground.add("routine", job.name, [Alarm(labels, start, start + length)])


def chronic(ground: Ground) -> None:
    """Add alerts that are always on and alerts that come and go all day, since a week before."""
    since = max(0, ground.shape.begin - 7 * DAY_S)
    for number in range(ground.shape.share(4.0)):
        labels = labels_of(CHRONIC[number % len(CHRONIC)], "warning", **ground.pod())
        ground.add("chronic", "always on", [Alarm(labels, since + number * 60, ground.shape.end - 60)])
    for number in range(ground.shape.share(2.0)):
        labels = labels_of(CHRONIC[number % len(CHRONIC)], "warning", **ground.pod())
        at = since + ground.random.randint(0, 3600)
        while at < ground.shape.end - 7200:
            length = ground.random.randint(1200, 3600)
            ground.add("chronic", "comes and goes", [Alarm(labels, at, at + length)])
            at += length + ground.random.randint(1200, 3600)


def flapping(ground: Ground) -> None:
    """Add bouts of flapping."""
    for _ in range(ground.shape.share(40)):
        start = ground.moment()
        length = ground.random.randint(1800, 5400)
        ground.add("flapping", "bout", bout(ground, start, start + length))


def healing(ground: Ground) -> None:
    """Add what Kubernetes heals, in the evaluated time and, thinner, before."""
    rate = 1200
    for _ in range(ground.shape.share(rate)):
        _heal(ground, ground.moment())
    quiet = rate / 4 * ground.shape.warmup_days * ground.shape.nodes / 2000
    for _ in range(round(quiet)):
        _heal(ground, ground.random.randint(0, max(0, ground.shape.begin - 3600)))


def _heal(ground: Ground, start: int) -> None:
    healer = ground.random.choices(HEALERS, [one.weight for one in HEALERS])[0]
    severity = "error" if ground.random.random() < healer.urgent else "warning"
    end = start + _length(ground, healer)
    labels = labels_of(healer.alert, severity, **_place(ground, healer))
    ground.add("healing", healer.alert, [Alarm(labels, start, end)])


def _length(ground: Ground, healer: Healer) -> int:
    """Return how long one lasts: a chain of doubling waits, or what the platform's timers take."""
    if healer.chain_s:
        stop = ground.random.randint(1, len(healer.chain_s))
        return sum(healer.chain_s[:stop]) + ground.random.randint(15, 60)
    low, high = healer.late_s if ground.random.random() < healer.late else healer.length_s
    return ground.random.randint(low, high)


def bout(ground: Ground, start: int, end: int) -> list[Alarm]:
    """Return the firings of one thing that cannot make up its mind."""
    alert, has_pod = ground.random.choice(FLAPPERS)
    labels = labels_of(alert, "warning", **(ground.pod() if has_pod else ground.node()))
    pace = ground.random.randint(20, 60)
    alarms, at = [], start
    while at < end:
        length = ground.random.randint(pace, 3 * pace)
        alarms.append(Alarm(labels, at, at + length))
        at += length + ground.random.randint(pace, 3 * pace)
    return alarms


def _place(ground: Ground, healer: Healer) -> dict[str, str]:
    match healer.entity:
        case "node":
            return ground.node()
        case "pod":
            return ground.pod()
        case "workload":
            pod = ground.pod()
            return {"namespace": pod["namespace"], "service": pod["service"]}
    return {healer.entity: f"{healer.entity}-{ground.random.randrange(30):02d}"}
