/** One incident by keyboard. */

import type { Signal } from "@preact/signals";
import { useKeys } from "../../keys";
import { may } from "../../session";
import { over } from "../../standing";
import { t } from "../../words";
import type { Chosen } from "./alerts";
import { type Incident, open } from "./model";
import type { Doings } from "./state";

export function useShortcuts(of: Incident, doings: Doings, chosen: Signal<Chosen>, move: () => void): void {
  const can = may("respond") && open(of);
  const key = (keys: string, says: string, run: () => void, fits = true) =>
    can && fits ? [{ keys, says, act: run }] : [];
  const still = !over(of);
  useKeys([
    ...key("a", t("incident.ack"), doings.ack, still),
    ...key("u", t("incident.cannot"), doings.unack, still),
    ...key("e", t("incident.escalate"), doings.escalate, still),
    ...key("b", t("incident.return"), () => doings.ask("return"), still),
    ...key("s", t("incident.snooze"), () => doings.ask("snooze"), still),
    ...key("o", t("incident.assign"), () => doings.ask("assign"), still),
    ...key("p", t("incident.setPriority"), () => doings.ask("priority"), still),
    ...key("m", t("incident.merge"), () => doings.ask("merge"), still),
    ...key("i", t("incident.silence"), () => doings.ask("silence"), still),
    ...key("r", t("incident.resolve"), () => doings.ask("resolve"), still),
    ...key("c", t("incident.close"), () => doings.ask("close"), of.state !== "closed"),
    ...key("v", t("incident.moveTo"), move, still && chosen.value.size > 0),
    ...key("n", t("incident.writeNote"), () => document.getElementById("note")?.focus()),
  ]);
}
