/** Severity words that no rule knows, so that somebody can say what they mean. */

import { Section } from "../../kit/layout";
import { Tag } from "../../kit/marks";
import { t } from "../../words";
import type { UnknownWord } from "./standing";

const FILE = "priority.yaml";

export function Unknown({ of }: { of: readonly UnknownWord[] }) {
  return (
    <Section title={t("sources.unknownWords")} count={of.length}>
      <p class="muted small">
        {t("sources.unknownMeans")} <a href={`/rules?file=${FILE}`}>{t("sources.unknownWhere")}</a>
      </p>
      <ul class="pairs">
        {of.map((one) => (
          <li key={one.word}>
            <Tag tone="warn">{one.word}</Tag>{" "}
            <span class="muted small">{t("sources.unknownAlerts", { n: one.alerts })}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
