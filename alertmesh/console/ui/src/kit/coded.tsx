import type { ComponentChildren } from "preact";

/** Return words with what stands between backticks made into code. */
export function coded(text: string): ComponentChildren[] {
  return text.split("`").map((part, place) => (place % 2 ? <code key={place}>{part}</code> : part));
}
