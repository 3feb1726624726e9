/** What several reports are made of. */

import type { ComponentChildren } from "preact";
import { Button } from "../../kit/button";
import { type Cell, save } from "../../kit/csv";
import { Section } from "../../kit/layout";
import { length } from "../../time";
import { t } from "../../words";

/** Return seconds in words; a dash where there is nothing to tell. */
export const lasted = (seconds: number | null | undefined) =>
  seconds === null || seconds === undefined ? "–" : length(seconds, seconds < 3_600 ? 1 : 2);

/** Return seconds of a channel, where tenths matter. */
export const quick = (seconds: number | null | undefined) =>
  seconds === null || seconds === undefined
    ? "–"
    : seconds < 10
      ? t("time.s", { n: seconds.toFixed(1) })
      : length(seconds, 1);

/** A card with a table, and a button that hands the table over as a file. */
export function Listed({
  title,
  file,
  rows,
  actions,
  children,
}: {
  title: string;
  file: string;
  rows: () => Cell[][];
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <Section
      title={title}
      actions={
        <>
          {actions}
          <Button size="small" onClick={() => save(file, rows())}>
            CSV
          </Button>
        </>
      }
    >
      {children}
    </Section>
  );
}
