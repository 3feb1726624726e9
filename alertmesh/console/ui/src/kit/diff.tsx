/** The difference of two texts, as lines that went and came. */

import { useMemo } from "preact/hooks";
import { diffLines } from "../diff";
import { t } from "../words";
import "./diff.css";

const SIGN = { same: " ", gone: "−", new: "+", gap: "⋯" };

export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  if (!lines.length) return <p class="muted">{t("kit.noDifference")}</p>;
  return (
    <div class="diff" role="table" aria-label={label} tabIndex={0}>
      {lines.map((line, place) => (
        <div key={place} role="row" class={line.kind}>
          <span role="cell" class="diff-number">
            {line.after || line.before || ""}
          </span>
          <span role="cell" class="diff-sign" aria-label={tOfKind(line.kind)}>
            {SIGN[line.kind]}
          </span>
          <span role="cell" class="diff-text">
            {line.text}
          </span>
        </div>
      ))}
    </div>
  );
}

function tOfKind(kind: keyof typeof SIGN): string {
  if (kind === "gone") return t("kit.lineGone");
  return kind === "new" ? t("kit.lineNew") : "";
}
