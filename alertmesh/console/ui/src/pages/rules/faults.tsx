/** What is wrong with a draft: found while it is written, marked in the text, and listed beneath it. */

import { useEffect } from "preact/hooks";
import { type Answer, post } from "../../api";
import { failed } from "../../notices";
import { language, t } from "../../words";
import type { Mark } from "./editor";

type Fault = Answer<"/api/v1/rules/check", "post">["faults"][number];

const CHECK_MS = 600;

export interface Found {
  faults: Fault[];
  warnings: Fault[];
}

export const UNCHECKED: Found = { faults: [], warnings: [] };

/** Check a draft a moment after the last key. */
export function useChecked(
  path: string,
  text: string,
  wanted: boolean,
  found: (verdict: Found) => void,
): void {
  const said = language.value;
  useEffect(() => {
    if (!wanted) {
      found(UNCHECKED);
      return;
    }
    const gone = new AbortController();
    const timer = setTimeout(() => {
      post("/api/v1/rules/check", {
        query: { language: said },
        body: { files: { [path]: text } },
        signal: gone.signal,
      }).then(found, (error: unknown) => {
        if (!gone.signal.aborted) failed(error);
      });
    }, CHECK_MS);
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [path, text, wanted, said]);
}

export const marksOf = ({ faults, warnings }: Found, path: string): Mark[] => [
  ...faults.filter((one) => one.path === path).map((one) => ({ ...one, warning: false })),
  ...warnings.filter((one) => one.path === path).map((one) => ({ ...one, warning: true })),
];

export function Faults({
  of,
  path,
  dirty,
  reach,
}: {
  of: Found;
  path: string;
  dirty: boolean;
  reach: (line: number, column: number) => void;
}) {
  const all = [
    ...of.faults.map((one) => ({ ...one, tone: "bad" })),
    ...of.warnings.map((one) => ({ ...one, tone: "warn" })),
  ];
  if (!all.length)
    return (
      <p class="muted small" role="status">
        {!dirty ? t("rules.inForce") : of === UNCHECKED ? t("rules.checking") : t("rules.noFaults")}
      </p>
    );
  return (
    <div role="status">
      <h3 class="small">
        {of.faults.length
          ? t("rules.faults", { n: of.faults.length })
          : t("rules.warnings", { n: of.warnings.length })}
      </h3>
      <ul class="faults">
        {all.map((one) => (
          <li key={`${one.path} ${one.line} ${one.column} ${one.message}`} class={one.tone}>
            {one.path === path ? (
              <button type="button" onClick={() => reach(one.line, one.column)}>
                <strong>{t("rules.line", { n: one.line })}</strong> {one.message}
              </button>
            ) : (
              <span>
                {/^[a-z]+\//.test(one.path) ? (
                  <a href={`/rules?file=${encodeURIComponent(one.path)}`}>
                    {one.path}:{one.line}
                  </a>
                ) : (
                  one.path && `${one.path}:${one.line}`
                )}{" "}
                {one.message}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
