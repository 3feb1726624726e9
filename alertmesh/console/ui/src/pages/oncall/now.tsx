import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Tag } from "../../kit/marks";
import { called, people } from "../../people";
import { may } from "../../session";
import { clock, relative } from "../../time";
import { t } from "../../words";
import { acting, type Duty, type Faults } from "./model";
import { useTakeOver } from "./takeover";

/** Who has it now, in every roster. */
export function Now({
  of,
  faults,
  changed,
}: {
  of: readonly Duty[];
  faults: readonly Faults[];
  changed: () => void;
}) {
  const [take, asking] = useTakeOver(changed);
  return (
    <section aria-label={t("oncall.now")}>
      <ul class="rosters">
        {of.map((one) => (
          <Card key={one.roster} of={one} isGap={isGap(one, faults)} take={() => take(one)} />
        ))}
      </ul>
      {asking}
    </section>
  );
}

function isGap(of: Duty, faults: readonly Faults[]): boolean {
  if (!of.primary && !of.secondary) return true;
  const now = Date.now();
  const found = faults.find((one) => one.roster === of.roster)?.faults ?? [];
  return found.some(
    (one) => one.kind === "gap" && Date.parse(one.starts_at) <= now && now < Date.parse(one.ends_at),
  );
}

function Card({ of, isGap: gap, take }: { of: Duty; isGap: boolean; take: () => void }) {
  const me = acting.value;
  const tiers = [...new Set(of.used_by.map((one) => one.tier))];
  return (
    <li class={`card roster ${gap ? "gap" : ""}`}>
      <header class="row">
        <h2 class="grow cut">{of.roster}</h2>
        {tiers.map((tier) => (
          <Tag key={tier}>{t(`oncall.tier.${tier}`)}</Tag>
        ))}
        {!tiers.length && <Tag title={t("oncall.unusedWhy")}>{t("oncall.unused")}</Tag>}
      </header>
      {of.primary ? (
        <Who name={of.primary} reachable={of.reachable} first>
          <span>{reason(of)}</span>
          <span class="muted">
            {of.until
              ? t("oncall.until", { at: clock(of.until), in: relative(of.until) })
              : t("oncall.untilChanged")}
          </span>
        </Who>
      ) : (
        <p class="nobody" role="alert">
          <Icon name="warn" />
          {t("oncall.nobodyNow")}
        </p>
      )}
      {of.secondary ? (
        <Who name={of.secondary} reachable>
          <span class="muted">{t("oncall.second")}</span>
        </Who>
      ) : (
        <p class="muted">{t("oncall.noSecond")}</p>
      )}
      <p class={`then ${of.next && !of.next.primary ? "bad" : "muted"}`}>
        {of.next
          ? of.next.primary
            ? t(of.next.secondary ? "oncall.nextTwo" : "oncall.nextOne", {
                at: clock(of.next.starts_at),
                primary: called(of.next.primary),
                secondary: called(of.next.secondary),
              })
            : t("oncall.nextNobody", { at: clock(of.next.starts_at) })
          : t("oncall.noNext")}
      </p>
      {me && me !== of.primary && may("respond") && (
        <footer>
          <Button look={gap ? "main" : "plain"} icon="person" onClick={take}>
            {t("oncall.takeOver")}
          </Button>
        </footer>
      )}
    </li>
  );
}

function Who({
  name,
  reachable,
  first,
  children,
}: {
  name: string;
  reachable: boolean;
  first?: boolean;
  children: preact.ComponentChildren;
}) {
  const found = people.value.get(name);
  return (
    <div class={`who ${first ? "first" : ""}`}>
      <strong class="cut" title={name}>
        {called(name)}
        {name === acting.value && <Tag tone="accent">{t("oncall.you")}</Tag>}
      </strong>
      <div class="duty-lines small">{children}</div>
      <div class="row small ways">
        {!reachable ? (
          <Tag tone="bad">{t("oncall.unreachable")}</Tag>
        ) : (
          found?.channels.map((one) => (
            <Tag key={one} title={t("oncall.byChannel", { channel: one })}>
              {one}
            </Tag>
          ))
        )}
        {found && <Number of={found.mobile} />}
      </div>
    </div>
  );
}

/** A number to tap on where the server shows it whole; else its last digits, to be recognised by. */
function Number({ of }: { of: string }) {
  if (!of) return null;
  if (!of.includes("*")) return <a href={`tel:${of}`}>{of}</a>;
  const end = of.replace(/^\*+/, "");
  return end ? <span class="muted">{t("oncall.number", { end })}</span> : null;
}

/** Why it is the primary, in the reader's language. */
function reason(of: Duty): string {
  if (of.override)
    return of.covered ? t("oncall.standsInFor", { who: called(of.covered) }) : t("oncall.tookOver");
  return of.layer ? t("oncall.byLayer", { layer: of.layer }) : t("oncall.byTurn");
}
