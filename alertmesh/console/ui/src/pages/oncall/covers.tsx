import { Button } from "../../kit/button";
import { Section } from "../../kit/layout";
import { Empty, Held } from "../../kit/states";
import type { Resource } from "../../resource";
import { may } from "../../session";
import { t } from "../../words";
import { acting, type Duty, mayAnswer, type Override } from "./model";
import { OverrideRow } from "./override";
import { useTakeOver } from "./takeover";

const OVER_SHOWN = 20;

/** Who stands in for whom: what one is asked, what others ask, what is agreed, and what was. */
export function Covers({
  of,
  rosters,
  changed,
}: {
  of: Resource<Override[]>;
  rosters: readonly Duty[];
  changed: () => void;
}) {
  const [take, asking] = useTakeOver(changed);
  return (
    <>
      {acting.value && may("respond") && (
        <div class="row">
          <span class="muted">{t("oncall.takeOverNow")}</span>
          {rosters
            .filter((one) => one.primary !== acting.value)
            .map((one) => (
              <Button key={one.roster} icon="person" onClick={() => take(one)}>
                {one.roster}
              </Button>
            ))}
        </div>
      )}
      <Held of={of}>
        {(found) => {
          const mine = found.filter((one) => mayAnswer(one, acting.value));
          const asked = found.filter((one) => one.state === "asked" && !mine.includes(one));
          const agreed = found.filter((one) => one.state === "agreed");
          const over = found
            .filter((one) => one.state !== "asked" && one.state !== "agreed")
            .sort((one, other) => other.ends_at.localeCompare(one.ends_at));
          if (!found.length) return <Empty title={t("oncall.noCovers")}>{t("oncall.noCoversHint")}</Empty>;
          return (
            <>
              <Part title={t("oncall.askedYou")} of={mine} changed={changed} />
              <Part title={t("oncall.asked")} of={asked} changed={changed} />
              <Part title={t("oncall.agreed")} of={agreed} changed={changed} />
              <Part title={t("oncall.past")} of={over.slice(0, OVER_SHOWN)} changed={changed} folded />
            </>
          );
        }}
      </Held>
      {asking}
    </>
  );
}

function Part({
  title,
  of,
  changed,
  folded,
}: {
  title: string;
  of: readonly Override[];
  changed: () => void;
  folded?: boolean;
}) {
  if (!of.length) return null;
  return (
    <Section title={title} count={of.length} {...(folded && { folded })}>
      <ul class="list">
        {of.map((one) => (
          <OverrideRow key={one.id} of={one} changed={changed} />
        ))}
      </ul>
    </Section>
  );
}
