import type { ComponentChildren } from "preact";

export interface Column<T> {
  /** Heading; also the label before the value on a phone. */
  name: string;
  show: (item: T) => ComponentChildren;
  /** Numbers stand to the right. */
  number?: boolean;
  /** The column that says what a row is: it heads the card on a phone. */
  head?: boolean;
}

/** A table that becomes a list of cards on a phone. */
export function Table<T>({
  of,
  columns,
  label,
  keyOf,
  onRow,
}: {
  of: readonly T[];
  columns: readonly Column<T>[];
  label: string;
  keyOf: (item: T) => string | number;
  onRow?: (item: T) => void;
}) {
  return (
    <table class={`table ${onRow ? "open" : ""}`} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.name} scope="col" class={column.number ? "number" : ""}>
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.map((item) => (
          <tr key={keyOf(item)} {...(onRow && { onClick: () => onRow(item) })}>
            {columns.map((column) =>
              column.head ? (
                <th key={column.name} scope="row">
                  {column.show(item)}
                </th>
              ) : (
                <td key={column.name} data-label={column.name} class={column.number ? "number" : ""}>
                  {column.show(item)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
