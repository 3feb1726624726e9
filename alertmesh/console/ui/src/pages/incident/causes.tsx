/** What may be the root, how likely, why, and what was changed there; and a way to say which it is. */

import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Share } from "../../kit/spark";
import { Empty } from "../../kit/states";
import { percent } from "../../numbers";
import { t } from "../../words";
import type { Cause } from "./model";

const SHOWN = 3;
const SLIGHT = 0.02;

export function Causes({
  of,
  named,
  mark,
  look,
}: {
  of: readonly Cause[];
  /** What a person said is the root; empty while nobody did. */
  named: string;
  /** Absent where nothing can be said any more. */
  mark: ((cause: Cause) => void) | undefined;
  look: (entity: string) => void;
}) {
  if (!of.length) return <Empty title={t("incident.noRoot")} />;
  const shown = of.filter((cause, place) => place === 0 || cause.score >= SLIGHT).slice(0, SHOWN);
  const rest = of.filter((cause) => !shown.includes(cause));
  const unseen = of[0]?.unseen ?? 0;
  return (
    <ol class="causes">
      {shown.map((cause) => (
        <One key={cause.entity} of={cause} named={named === cause.entity} mark={mark} look={look} />
      ))}
      {unseen >= SLIGHT && (
        <li class="cause muted">
          <div class="cause-head">
            <span class="grow">{t("incident.unseen")}</span>
            <span>{percent(unseen)}</span>
          </div>
          <Share of={unseen} says={percent(unseen)} />
        </li>
      )}
      {rest.length > 0 && (
        <li>
          <details>
            <summary class="muted small">{t("incident.unlikely", { n: rest.length })}</summary>
            <ol class="causes">
              {rest.map((cause) => (
                <One key={cause.entity} of={cause} named={named === cause.entity} mark={mark} look={look} />
              ))}
            </ol>
          </details>
        </li>
      )}
    </ol>
  );
}

function One({
  of,
  named,
  mark,
  look,
}: {
  of: Cause;
  named: boolean;
  /** Absent where nothing can be said any more. */
  mark: ((cause: Cause) => void) | undefined;
  look: (entity: string) => void;
}) {
  return (
    <li class="cause">
      <div class="cause-head">
        <button type="button" class="linklike grow" onClick={() => look(of.entity)}>
          <strong>{of.entity}</strong>
        </button>
        <span class="nowrap">{percent(of.score)}</span>
      </div>
      <Share of={of.score} says={percent(of.score)} />
      <p class="muted small">{of.reason}</p>
      {of.changed && (
        <p class="small changed-note">
          <Icon name="edit" size={16} /> {of.changed}
        </p>
      )}
      {named ? (
        <p class="row small">
          <Icon name="check" size={16} /> {t("incident.rootNamed")}
        </p>
      ) : (
        mark && (
          <Button size="small" onClick={() => mark(of)}>
            {t("incident.isRoot")}
          </Button>
        )
      )}
    </li>
  );
}
