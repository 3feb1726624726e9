/** The list by keyboard. */

import { useKeys } from "../../keys";
import { notices, dismiss } from "../../notices";
import { go } from "../../route";
import { may } from "../../session";
import { t } from "../../words";
import { ack, asking, escalate, resolve } from "./act";
import { cursor, fold, ids, lines, meant, select, selectAll, selected, unselect } from "./list";
import { like, show } from "./view";

export function useShortcuts({
  take,
  saved,
  search,
}: {
  take: () => void;
  saved: () => void;
  search: () => void;
}): void {
  const some = (act: (ids: number[]) => void) => () => {
    const those = meant();
    if (those.length && may("respond")) act(those);
  };
  const ask = (what: "snooze" | "assign" | "merge" | "silence") =>
    some((those) => (asking.value = { what, ids: those }));
  useKeys([
    { keys: "j", says: t("incidents.key.down"), act: () => move(1), repeats: true },
    { keys: "ArrowDown", says: t("incidents.key.down"), act: () => move(1), repeats: true },
    { keys: "k", says: t("incidents.key.up"), act: () => move(-1), repeats: true },
    { keys: "ArrowUp", says: t("incidents.key.up"), act: () => move(-1), repeats: true },
    { keys: "o", says: t("incidents.key.open"), act: open },
    { keys: "Enter", says: t("incidents.key.open"), act: open },
    { keys: "x", says: t("incidents.key.select"), act: () => pick(false) },
    { keys: "X", says: t("incidents.key.range"), act: () => pick(true) },
    { keys: "*", says: t("incidents.key.all"), act: () => selectAll(ids.peek()) },
    { keys: "Escape", says: t("incidents.key.none"), act: unselect },
    {
      keys: "a",
      says: t("incidents.ack"),
      act: some((those) => (ack(those), selected.peek().size && unselect())),
    },
    { keys: "s", says: t("incidents.snooze"), act: ask("snooze") },
    { keys: "n", says: t("incidents.assign"), act: ask("assign") },
    { keys: "m", says: t("incidents.merge"), act: ask("merge") },
    { keys: "S", says: t("incidents.silence"), act: ask("silence") },
    { keys: "e", says: t("incidents.escalate"), act: some(escalate) },
    { keys: "R", says: t("incidents.resolve"), act: some(resolve) },
    { keys: "u", says: t("kit.undo"), act: undo },
    { keys: ".", says: t("incidents.key.take"), act: take },
    { keys: "/", says: t("incidents.filter"), act: () => filter(search) },
    { keys: "v", says: t("incidents.saved"), act: saved },
    {
      keys: "c",
      says: t("incidents.cards"),
      act: () => like({ show: show.peek() === "cards" ? "list" : "cards" }),
    },
  ]);
}

function move(step: number): void {
  const names = lines
    .peek()
    .flatMap((line) => (line.kind === "cards" ? line.ids.map((id) => `r${id}`) : [line.name]));
  const at = names.indexOf(cursor.peek() ?? "");
  const next = at < 0 ? 0 : Math.min(names.length - 1, Math.max(0, at + step));
  cursor.value = names[next] ?? null;
}

function open(): void {
  const at = cursor.peek();
  if (at?.startsWith("r")) go(`/incidents/${at.slice(1)}`);
  else if (at?.startsWith("g")) fold(at.slice(1));
}

function pick(range: boolean): void {
  const at = cursor.peek();
  if (at?.startsWith("r")) select(Number(at.slice(1)), range);
  else if (at?.startsWith("g")) {
    const line = lines.peek().find((one) => one.name === at);
    if (line?.kind === "head") selectAll(line.part.ids);
  }
}

function undo(): void {
  const last = notices.peek().findLast((notice) => notice.undo);
  if (!last) return;
  dismiss(last.id);
  last.undo?.();
}

function filter(search: () => void): void {
  search();
  requestAnimationFrame(() => document.getElementById("incidents-filter")?.focus());
}
