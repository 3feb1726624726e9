/** The incident as it is shown: what the server told, and over it what is guessed until it answers. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Resource } from "../../resource";
import { type Bench, conflict } from "./act";
import type { Incident } from "./model";

export function useBench(
  told: Incident,
  resource: Resource<Incident>,
): Pick<Bench, "incident" | "guess" | "take" | "isOpen"> {
  const guesses = useSignal<readonly Partial<Incident>[]>([]);
  const newest = useRef(told);
  newest.current = told;
  const isOpen = useRef(true);
  useEffect(
    () => () => {
      isOpen.current = false;
      // Facts get old: nobody is asked about them later.
      conflict.peek()?.leave();
    },
    [],
  );
  return {
    incident: useMemo(() => Object.assign({}, told, ...guesses.value) as Incident, [told, guesses.value]),
    guess: (parts) => {
      const mine = { ...parts };
      guesses.value = [...guesses.peek(), mine];
      return () => {
        guesses.value = guesses.peek().filter((one) => one !== mine);
      };
    },
    take: (now) => {
      if ((newest.current.epoch ?? 0) > (now.epoch ?? 0)) return;
      newest.current = { ...newest.current, ...now };
      resource.set(newest.current);
    },
    isOpen: () => isOpen.current,
  };
}
