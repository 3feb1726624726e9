/** A table of a module: sorted by what one presses, cards on a phone. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Button } from "../../kit/button";
import { Choose } from "../../kit/field";
import { Icon } from "../../kit/icon";
import { Empty } from "../../kit/states";
import { type Of, said } from "../../modules";
import { ask, query } from "../../route";
import { t } from "../../words";
import { compare, isNumber, type Pressed, Value } from "./value";

type Table = Of<"table">;
type Sorted = { column: string; down: boolean };

export function ModuleTable({
  of,
  label,
  press,
}: {
  of: Table;
  label: string;
  press: (button: Pressed) => ComponentChildren;
}) {
  const sorted = useSignal<Sorted | null>(null);
  const choose = (column: string) => {
    const before = sorted.value;
    if (before?.column !== column) sorted.value = { column, down: false };
    else sorted.value = before.down ? null : { column, down: true };
  };
  if (!of.rows.length && !query.value.get(of.pager)) {
    return <Empty title={said(of.empty) || t("module.empty")} />;
  }
  const sortable = of.columns.filter((column) => column.sortable);
  return (
    <div class="stack">
      {sortable.length > 1 && of.rows.length > 1 && (
        <div class="sort-by">
          <Choose
            label={t("module.sortBy")}
            value={sorted.value?.column ?? ""}
            change={(column) => {
              sorted.value = column ? { column, down: false } : null;
            }}
            of={[
              ["", t("module.asIs")],
              ...sortable.map((one): [string, string] => [one.name, said(one.title)]),
            ]}
          />
        </div>
      )}
      <div class="wide-table" tabIndex={0} role="region" aria-label={label}>
        <table class="table sorted" aria-label={label}>
          <thead>
            <tr>
              {of.columns.map((column) => (
                <Head key={column.name} of={column} sorted={sorted.value} choose={choose} />
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered(of, sorted.value).map((row, place) => (
              <tr key={place}>
                {of.columns.map((column, at) => {
                  const cell = <Value of={row[at]} as={column} press={press} />;
                  return at === 0 ? (
                    <th key={column.name} scope="row" class={isNumber(column.type) ? "number" : ""}>
                      {cell}
                    </th>
                  ) : (
                    <td
                      key={column.name}
                      data-label={said(column.title)}
                      class={isNumber(column.type) ? "number" : ""}
                    >
                      {cell}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pages of={of} />
    </div>
  );
}

function Head({
  of,
  sorted,
  choose,
}: {
  of: Table["columns"][number];
  sorted: Sorted | null;
  choose: (column: string) => void;
}) {
  const mine = sorted?.column === of.name ? sorted : null;
  const name = said(of.title);
  return (
    <th
      scope="col"
      class={isNumber(of.type) ? "number" : ""}
      aria-sort={mine ? (mine.down ? "descending" : "ascending") : undefined}
    >
      {of.sortable ? (
        <button type="button" class="sort-head" onClick={() => choose(of.name)}>
          {name}
          {mine && <Icon name={mine.down ? "down" : "up"} size={16} />}
        </button>
      ) : (
        name
      )}
    </th>
  );
}

/** Where the table goes on, and the way back. */
function Pages({ of }: { of: Table }) {
  const before = of.pager && query.value.get(of.pager);
  if (!before && of.next === null) return null;
  return (
    <div class="row">
      {before && (
        <Button icon="left" onClick={() => ask({ [of.pager]: null }, false)}>
          {t("module.first")}
        </Button>
      )}
      {!of.rows.length && <span class="muted">{said(of.empty) || t("module.empty")}</span>}
      {of.next !== null && (
        <Button onClick={() => ask({ [of.pager]: of.next }, false)}>{t("module.next")}</Button>
      )}
    </div>
  );
}

function ordered(of: Table, sorted: Sorted | null): unknown[][] {
  const at = of.columns.findIndex((column) => column.name === sorted?.column);
  const column = of.columns[at];
  if (!sorted || !column) return of.rows;
  return [...of.rows].sort((one, other) => {
    const found = compare(one[at], other[at], column);
    const known = one[at] !== null && other[at] !== null;
    return sorted.down && known ? -found : found;
  });
}
