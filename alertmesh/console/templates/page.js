// What makes the page behind a link more comfortable: everything in it works without this.
"use strict";

const EVERY_MS = 30000;
const said = document.body.dataset;
const language = document.documentElement.lang;
// People trust the server's clock; small differences are the way of the answer.
const ahead = Date.parse(said.now) - Date.now();
const skew = Math.abs(ahead) < 5000 ? 0 : ahead;
const two = (n) => String(n).padStart(2, "0");

function clock(at) {
  const today = new Date(at).toDateString() === new Date(Date.now() + skew).toDateString();
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(at).toLocaleString(language, today ? parts : { month: "short", day: "numeric", ...parts });
}

function left(at) {
  const seconds = Math.round((Date.parse(at) - Date.now() - skew) / 1000);
  if (seconds <= 0) return said.late;
  const hours = Math.floor(seconds / 3600);
  return (hours ? hours + ":" : "") + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
}

function tick() {
  for (const line of document.querySelectorAll("[data-due]"))
    line.textContent = line.dataset.due.replace("{left}", left(line.dateTime));
}

function local() {
  for (const line of document.querySelectorAll("[data-at]")) line.textContent = clock(line.dateTime);
  const asof = document.getElementById("asof");
  if (asof) asof.textContent = said.asof.replace("{at}", new Date(asof.dateTime).toLocaleTimeString(language, { hourCycle: "h23" }));
  tick();
}

/** Put a part of a newer page in the place of ours, unless somebody is just using it. */
function renew(newer, id) {
  const ours = document.getElementById(id);
  const theirs = newer.getElementById(id);
  if (!ours || ours.contains(document.activeElement) || ours.querySelector("select")?.value) return;
  if (!theirs) ours.remove();
  else if (theirs.outerHTML !== ours.dataset.was) {
    theirs.dataset.was = theirs.outerHTML;
    ours.replaceWith(document.adoptNode(theirs));
  }
}

let over = false; // the code is: asking on would look like guessing at codes

async function refresh() {
  if (over || document.visibilityState === "hidden" || document.querySelector("form[aria-busy]")) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok && answer.status !== 404) throw new Error(answer.status);
    over = answer.status === 404;
    const newer = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["live", "act", "asof"]) renew(newer, id);
    local();
  } catch {
    const asof = document.getElementById("asof");
    if (!asof) return;
    asof.className = "stale";
    asof.textContent = said.stale.replace("{at}", clock(asof.dateTime));
  }
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.ariaBusy === "true") return event.preventDefault();
  // Only once what is pressed has been taken along: a second tap sends nothing twice.
  setTimeout(() => {
    form.ariaBusy = "true";
    if (event.submitter) event.submitter.textContent = said.sending;
  });
});
// Whoever comes back to the page from where it led may answer again.
addEventListener("pageshow", (event) => event.persisted && location.reload());

local();
setInterval(tick, 1000);
if (document.getElementById("asof")) {
  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
  addEventListener("online", refresh);
}
