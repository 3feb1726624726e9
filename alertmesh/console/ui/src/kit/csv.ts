/** Tables as files that spreadsheets read. */

export type Cell = string | number | null | undefined;

/** Return rows as CSV. A text that a spreadsheet would take for a formula is marked as text. */
export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Hand rows to the person as a file, marked as UTF-8 for programs that would guess otherwise. */
export function save(name: string, rows: readonly (readonly Cell[])[]): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", csv(rows)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.csv`;
  link.dataset["out"] = "";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
