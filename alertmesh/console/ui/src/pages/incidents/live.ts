/** When the list follows what happens, and when it is held. */

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { effect } from "@preact/signals";
import { changed, status } from "../../live";
import { known, state } from "../../rows";
import { session } from "../../session";
import { asking, stale, stirred } from "./act";
import { selected, settle, tallies, waiting } from "./list";
import { meet } from "../../people";
import { reading, readPast, showPast } from "./past";
import { filter, group, phone, sort, standard, view } from "./view";

const LINGER_MS = 3_000;
const LOOK_MS = 1_000;
const SCROLLED_PX = 160;
// Who reads needs time: rows do not change places more often, though new ones come at once.
const CALM_MS = 3_000;

/** Keep the list up to date as long as it is shown; return what takes in all that waits. */
export function useLiveList(frame: RefObject<HTMLElement | null>): () => void {
  const hand = useRef({ over: false, last: 0, dirty: false, placed: 0 });

  useEffect(() => {
    void meet();
    const here = hand.current;
    const isHeld = () => {
      const place = frame.current;
      return (
        here.over ||
        selected.peek().size > 0 ||
        asking.peek() !== null ||
        stale.peek() !== null ||
        scrollY > SCROLLED_PX ||
        performance.now() - here.last < LINGER_MS ||
        (!!place &&
          (place.contains(document.activeElement) ||
            place.querySelector("[aria-expanded=true].button") !== null))
      );
    };
    const update = (hold: boolean, calm = 0) => {
      const isPlaced = settle(hold, performance.now() - here.placed < calm);
      if (isPlaced) here.placed = performance.now();
      here.dirty = !isPlaced;
    };

    const follow = effect(() => {
      void [changed.value, known.value, stirred.value, status.value];
      if (state.value !== "loading") update(isHeld(), CALM_MS);
    });
    // Whoever asks for something else wants to see it now; the past is read again only for another filter.
    let read = "";
    const wished = effect(() => {
      void [group.value, sort.value, state.value === "loading"];
      const wish = filter.value;
      const isPast = view.value === "past";
      const before = read;
      read = isPast ? JSON.stringify(wish) : "";
      if (!isPast) update(false);
      else if (read !== before || reading.peek().error) void readPast(wish);
      else if (!reading.peek().busy) showPast(wish);
    });
    const first = effect(() => {
      if (state.value !== "there") return;
      if (phone.peek() && session.peek()?.person && tallies.peek().mine > 0) standard.value = "mine";
      queueMicrotask(() => first());
    });
    const timer = setInterval(() => here.dirty && !isHeld() && update(false, CALM_MS), LOOK_MS);

    const place = frame.current;
    const enter = (event: PointerEvent) => {
      if (event.pointerType === "mouse") here.over = true;
    };
    const leave = () => {
      here.over = false;
      here.last = performance.now();
    };
    const busy = () => {
      here.last = performance.now();
    };
    place?.addEventListener("pointerenter", enter);
    place?.addEventListener("pointermove", enter);
    place?.addEventListener("pointerleave", leave);
    for (const kind of ["pointerdown", "touchmove", "wheel", "focusout"])
      place?.addEventListener(kind, busy, { passive: true });
    return () => {
      clearInterval(timer);
      follow();
      wished();
    };
  }, []);

  return () => {
    hand.current.dirty = false;
    waiting.value = { fresh: 0, gone: 0 };
    settle(false);
  };
}
