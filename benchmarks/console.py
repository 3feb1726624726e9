"""Measure the console in Chromium while a lot is changing: how soon it answers, and its memory.

    python -m benchmarks.console --minutes 10

The list of incidents is worked with by keyboard and mouse all the time. How soon it answers is the time
from an event, as the browser dates it, until the next frame has been drawn. Where others use the machine
too, go by the processor time of the page's tasks: an event waits for one that runs already, then takes its
own.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import time
from collections.abc import Sequence

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks.desk import Changes, Desk, busy, open_incidents
from benchmarks.rig import Served

# Each event is noted with what it was and how long it took until its frame was drawn.
_WATCH = """
window.noted = [];
const note = (event) => {
  const key = event.target.id === "incidents-filter" ? "typing" : event.key;
  const what = event.type === "keydown" ? key : event.type;
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.noted.push([what, performance.now() - event.timeStamp]);
    port2.postMessage(0);
  });
};
for (const kind of ["keydown", "change", "click", "wheel"]) {
  window.addEventListener(kind, note, { capture: true, passive: true });
}
window.longest = 0;
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
}).observe({ type: "longtask" });
"""
_ACTS = {
    "j": "down",
    "k": "up",
    "x": "select",
    "Escape": "select none",
    "typing": "type in the filter",
    "change": "sort",
    "click": "click",
    "wheel": "scroll",
}
_PAUSE_S = 0.05
_REST_S = 8.0
_MB = 2**20


async def keys(page: Page) -> None:
    """Go through the list by keyboard, and select some."""
    for key in "jjjjjjjjxjjxjjjxkkkkk":
        await page.keyboard.press(key)
        await asyncio.sleep(_PAUSE_S)
    await page.keyboard.press("Escape")


async def words(page: Page) -> None:
    """Narrow the list to some words, and widen it again."""
    await page.click("#incidents-filter")
    for key in ("c", "a", "r", "t", *["Backspace"] * 4, "Escape", "Escape"):
        await page.keyboard.press(key)
        await asyncio.sleep(2 * _PAUSE_S)


async def sorts(page: Page) -> None:
    """Have the list in another order, and back."""
    choices = page.locator("select:has(option[value=changed])")
    for order in ("changed", "alerts", "opened", "urgent"):
        await choices.select_option(order)
        await asyncio.sleep(4 * _PAUSE_S)
    await choices.blur()


async def scrolls(page: Page) -> None:
    """Scroll down and up again."""
    await page.mouse.move(640, 500)
    for way in (1, 1, 1, 1, 1, -1, -1, -1, -1, -1):
        await page.mouse.wheel(0, way * 600)
        await asyncio.sleep(_PAUSE_S)
    await page.mouse.move(640, 5)


async def work(page: Page, until: float) -> None:
    """Work with the list until then."""
    while time.perf_counter() < until:
        for act in (keys, words, sorts, scrolls):
            await act(page)


async def metrics(session: CDPSession) -> dict[str, float]:
    """Return what the browser says of the page."""
    told = await session.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in told["metrics"]}


async def heap_mb(session: CDPSession) -> tuple[float, int]:
    """Return the memory that scripts use after a collection, in MiB, and how many nodes the page has."""
    await session.send("HeapProfiler.collectGarbage")
    values = await metrics(session)
    return values["JSHeapUsedSize"] / _MB, int(values["Nodes"])


async def busy_share(session: CDPSession) -> float:
    """Return the share of a core that the page takes while nobody does anything."""
    began, used = time.perf_counter(), (await metrics(session))["TaskDuration"]
    await asyncio.sleep(_REST_S)
    return ((await metrics(session))["TaskDuration"] - used) / (time.perf_counter() - began)


async def watch(session: CDPSession, until: float) -> list[tuple[float, float, int]]:
    """Return minutes, memory and nodes, a dozen times until then."""
    began = time.perf_counter()
    found = []
    for turn in range(1, 13):
        await asyncio.sleep(max(0.0, began + (until - began) * turn / 12 - time.perf_counter()))
        found.append(((time.perf_counter() - began) / 60, *await heap_mb(session)))
    return found


async def tasks_ms(browser: Browser, page: Page) -> list[float]:
    """Work with the list once more and return the processor time of each task of the page, longest first."""
    await browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline", "v8.execute"])
    for act in (keys, words, sorts, scrolls):
        await act(page)
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    drawn = [(one["pid"], one["tid"]) for one in events if one["name"] == "FunctionCall"]
    page_thread = max(set(drawn), key=drawn.count)
    tasks = (one for one in events if one["name"].endswith("RunTask") and "tdur" in one)
    return sorted(
        (one["tdur"] / 1000 for one in tasks if (one["pid"], one["tid"]) == page_thread), reverse=True
    )


async def measure(server: Served, desk: Desk, minutes: float, picture: str) -> None:
    """Work in a browser for some minutes and print how that was."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is missing")
    seconds = minutes * 60
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.add_init_script(_WATCH)
        changes = asyncio.create_task(Changes(desk).keep_coming(server, seconds + 120))
        await page.goto(server.url)
        await page.wait_for_selector("[data-line]")
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        await work(page, time.perf_counter() + 3)
        await page.evaluate("window.noted = []; window.longest = 0")
        rest = await busy_share(session)
        until = time.perf_counter() + seconds
        memory, _ = await asyncio.gather(watch(session, until), work(page, until))
        noted = await page.evaluate("window.noted")
        longest = await page.evaluate("window.longest")
        tasks = await tasks_ms(browser, page)
        if picture:
            await page.screenshot(path=picture)
        changes.cancel()
        await asyncio.gather(changes, return_exceptions=True)
        await browser.close()
    answers(noted, longest)
    shown = ", ".join(f"{ms:.0f}" for ms in tasks[:5])
    print(f"longest tasks by processor time, ms: {shown}; the page alone takes {rest:.1%} of a core")
    kept(memory)
    for fault in faults:
        print(f"an error of the page: {fault}")


def answers(noted: Sequence[tuple[str, float]], longest: float) -> None:
    """Print how soon the page answered, by what was done."""
    print("from an event until its frame was drawn, in ms:")
    for what, name in (*_ACTS.items(), ("", "all")):
        took = sorted(ms for kind, ms in noted if what in ("", kind))
        if took:
            spread = f"median {statistics.median(took):4.0f}, p99 {took[int(len(took) * 0.99)]:4.0f}"
            print(f"  {name:18} {spread}, longest {took[-1]:4.0f} of {len(took)}")
    print(f"longest task of the page: {longest:.0f} ms")


def kept(memory: Sequence[tuple[float, float, int]]) -> None:
    """Print the memory over time."""
    shown = ", ".join(f"{heap:.1f}" for _, heap, _ in memory)
    print(f"memory of scripts over {memory[-1][0]:.1f} minutes, MiB: {shown}")
    later = memory[len(memory) // 4 :]
    slope = statistics.linear_regression([at for at, _, _ in later], [heap for _, heap, _ in later]).slope
    print(
        f"growth after the first quarter: {slope:+.3f} MiB a minute; nodes {memory[0][2]} to {memory[-1][2]}"
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--alerts", type=int, default=20_000)
    parser.add_argument("--incidents", type=int, default=500)
    parser.add_argument("--changes", type=int, default=200, help="a second")
    parser.add_argument("--picture", default="", help="where to put a picture of the page at the end")
    asked = parser.parse_args()
    desk = Desk(asked.incidents, asked.alerts, asked.changes)
    with busy(desk) as server:
        print(f"{desk.alerts:,} alerts in {open_incidents(server)} open incidents")
        asyncio.run(measure(server, desk, asked.minutes, asked.picture))


if __name__ == "__main__":
    main()
