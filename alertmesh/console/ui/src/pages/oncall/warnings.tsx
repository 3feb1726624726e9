import { Icon } from "../../kit/icon";
import { t } from "../../words";
import { type Faults, span } from "./model";

const SHOWN = 3;

/** When nobody can be reached, now or in the two weeks ahead: what must be mended first. */
export function Warnings({ of }: { of: readonly Faults[] }) {
  const gaps = of.flatMap((one) =>
    one.faults
      .filter((fault) => fault.kind === "gap")
      .map((fault) => ({ roster: one.roster, end: one.ends_at, ...fault })),
  );
  if (!gaps.length) return null;
  gaps.sort((one, other) => one.starts_at.localeCompare(other.starts_at));
  return (
    <div class="gaps" role="alert">
      <Icon name="warn" />
      <div class="grow">
        <strong>{t("oncall.gaps", { n: gaps.length })}</strong>
        <ul>
          {gaps.slice(0, SHOWN).map((one) => (
            <li key={`${one.roster} ${one.starts_at}`}>
              {t(new Date(one.starts_at).getTime() <= Date.now() ? "oncall.gapNow" : "oncall.gapAhead", {
                roster: one.roster,
                span: span(one.starts_at, one.ends_at === one.end ? null : one.ends_at),
              })}
            </li>
          ))}
          {gaps.length > SHOWN && (
            <li>
              <a href="/oncall?view=load">{t("oncall.gapsMore", { n: gaps.length - SHOWN })}</a>
            </li>
          )}
        </ul>
      </div>
    </div>
  );
}
