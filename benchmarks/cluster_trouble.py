"""What somebody has to be told: plain trouble, and trouble that looks like noise."""

from benchmarks.cluster_facts import LONE_TROUBLES, NIGHTLY, RACK_NODES, Job
from benchmarks.cluster_ground import PRIORITY, Alarm, Demand, Episode, Ground, labels_of
from benchmarks.cluster_noise import bout


def look_alikes(ground: Ground) -> None:
    """Add what must page although it begins like noise; the jobs and chronic alerts must be there."""
    for _ in range(ground.shape.share(0.6)):
        _disk_fills(ground)
        _job_overruns(ground)
        _job_elsewhen(ground)
        _job_is_worse(ground)
        _flapper_stays(ground)
        _many_at_once(ground)
        _chronic_worsens(ground)


def _disk_fills(ground: Ground) -> None:
    start = ground.moment()
    end = start + ground.random.randint(3, 6) * 3600
    labels = labels_of("NodeDiskUsageHigh", "warning", **ground.node())
    alarms, demands = [Alarm(labels, start, end)], [Demand(start, 3)]
    if ground.random.random() < 0.5:
        rise = start + ground.random.randint(1200, 2400)
        alarms.append(Alarm(labels | {"severity": "critical"}, rise, end))
        demands.append(Demand(rise, 1))
    ground.add("trouble", "disk keeps filling", alarms, demands)


def _job_overruns(ground: Ground) -> None:
    job, episode = _run_of_job(ground)
    alarm = episode.alarms[0]
    longer = Alarm(alarm.labels, alarm.start, alarm.start + 3 * 3600)
    late = alarm.start + round(1.5 * job.length_s[1])
    _replace(ground, episode, "job overruns", longer, Demand(late, 3))


def _job_elsewhen(ground: Ground) -> None:
    _, episode = _run_of_job(ground)
    alarm = episode.alarms[0]
    start = alarm.start + ground.random.randint(9, 14) * 3600
    moved = Alarm(alarm.labels, start, start + alarm.end - alarm.start)
    ground.add("trouble", "job at another time", [moved], [Demand(start, 3)])


def _job_is_worse(ground: Ground) -> None:
    _, episode = _run_of_job(ground)
    alarm = episode.alarms[0]
    worse = Alarm(alarm.labels | {"severity": "critical"}, alarm.start, alarm.end)
    _replace(ground, episode, "job is worse", worse, Demand(alarm.start, 1))


def _run_of_job(ground: Ground) -> tuple[Job, Episode]:
    """Pick a nightly run of the evaluated days that is still as usual."""
    names = {job.name: job for job in NIGHTLY}
    runs = [
        episode
        for episode in ground.episodes
        if episode.kind == "routine"
        and episode.case in names
        and ground.shape.begin <= episode.start < ground.shape.end - 6 * 3600
    ]
    chosen = ground.random.choice(runs)
    return names[chosen.case], chosen


def _replace(ground: Ground, episode: Episode, case: str, alarm: Alarm, demand: Demand) -> None:
    episode.kind, episode.case = "trouble", case
    episode.alarms, episode.demands = [alarm], [demand]


def _flapper_stays(ground: Ground) -> None:
    start = ground.moment()
    alarms = bout(ground, start, start + ground.random.randint(1200, 2400))
    down = alarms[-1].end + ground.random.randint(20, 90)
    alarms.append(Alarm(alarms[-1].labels, down, down + 7200))
    ground.add("trouble", "flapper stays down", alarms, [Demand(down, 3)])


def _many_at_once(ground: Ground) -> None:
    start = ground.moment()
    first = ground.random.randrange(ground.shape.nodes)
    alarms = []
    for number in range(ground.random.randint(20, 40)):
        node = ground.node((first + 7 * number) % ground.shape.nodes)
        at = start + ground.random.randint(0, 45)
        labels = labels_of("KubeNodeNotReady", "warning", **node)
        alarms.append(Alarm(labels, at, start + 2400 + ground.random.randint(0, 120)))
    first_at = min(alarm.start for alarm in alarms)
    ground.add("trouble", "many nodes at once", alarms, [Demand(first_at, 3)])


def _chronic_worsens(ground: Ground) -> None:
    always = [episode for episode in ground.episodes if episode.case == "always on"]
    labels = ground.random.choice(always).alarms[0].labels
    start = ground.moment()
    worse = Alarm(labels | {"severity": "critical"}, start, start + 3600)
    ground.add("trouble", "chronic gets worse", [worse], [Demand(start, 1)])


def troubles(ground: Ground) -> None:
    """Add failures of nodes, switches, databases and releases, and alarms that stand alone."""
    kinds = (_node_dies, _bad_deploy, _switch_dies, _database_dies, _lone)
    for number in range(ground.shape.share(4.0)):
        kinds[number % len(kinds)](ground)


def _node_dies(ground: Ground) -> None:
    start = ground.moment()
    end, node = start + ground.random.randint(1500, 5400), ground.node()
    alarms = [Alarm(labels_of("KubeNodeNotReady", "error", **node), start, end)]
    for _ in range(ground.random.randint(6, 25)):
        pod = ground.pod() | {"node": node["node"]}
        alarms.append(_follow(ground, "KubePodNotReady", "warning", pod, (start, end)))
    _trouble(ground, "node dies", alarms)


def _bad_deploy(ground: Ground) -> None:
    start, service = ground.moment(), ground.pod()
    end = start + ground.random.randint(1500, 4200)
    scope = {name: service[name] for name in ("namespace", "service")}
    alarms = [Alarm(labels_of("ServiceErrorRateHigh", "error", **scope), start, end)]
    alarms.append(_follow(ground, "KubeDeploymentRolloutStuck", "warning", scope, (start, end)))
    for number in range(ground.random.randint(4, 14)):
        pod = service | {"pod": f"{service['service']}-6f7d9c5b4-{number:02d}xkz", **ground.node()}
        alarms.append(_follow(ground, "KubePodCrashLooping", "warning", pod, (start, end)))
    _trouble(ground, "bad deploy", alarms)


def _switch_dies(ground: Ground) -> None:
    start = ground.moment()
    end, rack = start + ground.random.randint(1200, 3600), ground.random.randrange(ground.racks)
    labels = labels_of("SwitchUnreachable", "critical", switch=f"tor-{rack:02d}", rack=f"rack-{rack:02d}")
    alarms = [Alarm(labels, start, end)]
    for number in range(min(RACK_NODES, ground.shape.nodes)):
        node = ground.node((rack * RACK_NODES + number) % ground.shape.nodes)
        alarms.append(_follow(ground, "KubeNodeNotReady", "warning", node, (start, end)))
    _trouble(ground, "switch dies", alarms)


def _database_dies(ground: Ground) -> None:
    start = ground.moment()
    end, name = start + ground.random.randint(900, 3600), f"mysql-{ground.random.randrange(40):02d}"
    alarms = [Alarm(labels_of("MysqlDown", "critical", database=name, **ground.node()), start, end)]
    for _ in range(ground.random.randint(3, 8)):
        caller = ground.pod()
        scope = {"namespace": caller["namespace"], "service": caller["service"], "database": name}
        alarms.append(_follow(ground, "ServiceErrorRateHigh", "error", scope, (start, end)))
    _trouble(ground, "database dies", alarms)


def _lone(ground: Ground) -> None:
    alert, severity, length = ground.random.choice(LONE_TROUBLES)
    start = ground.moment()
    labels = labels_of(alert, severity, **ground.node())
    _trouble(ground, "lone alarm", [Alarm(labels, start, start + length)])


def _follow(ground: Ground, alert: str, severity: str, place: dict[str, str], span: tuple[int, int]) -> Alarm:
    """Return a consequence: it starts a little later and ends a little after the cause."""
    start, end = span[0] + ground.random.randint(10, 180), span[1] + ground.random.randint(5, 120)
    return Alarm(labels_of(alert, severity, **place), start, end)


def _trouble(ground: Ground, case: str, alarms: list[Alarm]) -> None:
    demands: list[Demand] = []
    for alarm in sorted(alarms, key=lambda alarm: alarm.start):
        priority = PRIORITY[alarm.labels["severity"]]
        if not demands or priority < demands[-1].priority:
            demands.append(Demand(alarm.start, priority))
    ground.add("trouble", case, alarms, demands)
