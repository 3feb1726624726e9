/** One value of a module, written as its type says. */

import type { Tone as Mark } from "../../kit/marks";
import { Tag, Time } from "../../kit/marks";
import { type Block, type Of, said, type Words } from "../../modules";
import { bytes, full, percent, short } from "../../numbers";
import { length } from "../../time";
import { t } from "../../words";

export type Column = Of<"table">["columns"][number];
export type Figure = Of<"figures">["figures"][number];
export type Type = Column["type"];
export type Tone = Figure["tone"];
export type Pressed = Of<"actions">["buttons"][number];
type Link = { text: string; to: string };

const MARKS: Record<Tone, Mark> = {
  plain: "plain",
  good: "ok",
  notice: "accent",
  warning: "warn",
  bad: "bad",
};
const NUMBERS: ReadonlySet<Type> = new Set(["number", "bytes", "duration", "percent"]);

export const mark = (tone: Tone): Mark => MARKS[tone];

/** Whether values of a type are numbers, which stand to the right. */
export const isNumber = (type: Type): boolean => NUMBERS.has(type);

/** Return a number as its type is written; `exact` without shortening. */
export function number(value: number, type: Type, exact = false): string {
  if (type === "bytes") return bytes(value);
  if (type === "duration") return length(value);
  if (type === "percent") return percent(value, Math.abs(value) < 0.1 ? 1 : 0);
  return exact || Math.abs(value) < 10_000 ? full(value) : short(value);
}

/** Return a value as plain text, for sorting and for those who cannot see it. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && "en" in value) return said(value as Words);
  if (typeof value === "object" && "text" in value) return (value as Link).text;
  return String(value);
}

/** Order two cells of a column; what is not known comes last. */
export function compare(one: unknown, other: unknown, column: Column): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (isNumber(column.type)) return (one as number) - (other as number);
  if (column.type === "moment")
    return new Date(one as string).getTime() - new Date(other as string).getTime();
  if (column.type === "state") {
    const order = Object.keys(column.states);
    return order.indexOf(one as string) - order.indexOf(other as string);
  }
  return plain(one).localeCompare(plain(other), undefined, { numeric: true });
}

export function Value({
  of,
  as,
  press,
}: {
  of: unknown;
  as: Pick<Column, "type" | "states">;
  press: (button: Pressed) => preact.ComponentChildren;
}) {
  if (of === null || of === undefined || of === "") return <span class="muted">{t("module.none")}</span>;
  switch (as.type) {
    case "moment":
      return <Time at={of as string} />;
    case "state": {
      const state = as.states[of as string];
      return <Tag tone={mark(state?.tone ?? "plain")}>{state ? said(state.words) : String(of)}</Tag>;
    }
    case "link":
      return <Anchor of={of as Link} />;
    case "action":
      return <>{press(of as Pressed)}</>;
    case "text":
      return <span>{plain(of)}</span>;
    default:
      return <span title={full(of as number)}>{number(of as number, as.type)}</span>;
  }
}

/** A link of a module: into the console, or out of it. */
export function Anchor({ of }: { of: Link }) {
  return of.to.startsWith("/") ? (
    <a href={of.to}>{of.text}</a>
  ) : (
    <a href={of.to} target="_blank" rel="noreferrer">
      {of.text}
    </a>
  );
}

/** Return the heading of a block. */
export const heading = (of: Block): string => said(of.title);
