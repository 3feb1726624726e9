/** How it stands, in one glance: who has it, what happens next and when, and the few things that are done about it. */

import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Countdown, StateTag, Tag, Time } from "../../kit/marks";
import { type Choice, Menu } from "../../kit/menu";
import { may, me } from "../../session";
import { over, taken, untaken } from "../../standing";
import { t, tOr } from "../../words";
import { called } from "../../people";
import { deadlines, type Incident, open } from "./model";

export interface Doings {
  ack: () => void;
  unack: () => void;
  escalate: () => void;
  ask: (what: Asked) => void;
}

/** What is asked for before something is done. */
export type Asked =
  | "escalate"
  | "return"
  | "snooze"
  | "assign"
  | "priority"
  | "resolve"
  | "close"
  | "merge"
  | "unrelated"
  | "why"
  | "silence";

const TIERS: Record<string, string> = { ops: "incident.ops", rnd: "incident.rnd" };

export function Standing({ of, doings }: { of: Incident; doings: Doings }) {
  const [next, ...later] = deadlines(of);
  const tone = over(of) ? "over" : taken(of) ? "taken" : untaken(of) ? "calling" : "waiting";
  return (
    <section class={`now ${tone}`} aria-label={t("incident.standing")}>
      <div class="now-who">
        <p class="row">
          <StateTag of={of.state ?? of.condition} />
          {of.tier && <Tag>{tOr(TIERS[of.tier] ?? "", of.tier)}</Tag>}
          {of.condition === "cleared" && !over(of) && <Tag tone="ok">{t("incident.nothingFires")}</Tag>}
          {of.since && (
            <span class="muted small">
              <Time at={of.since} />
            </span>
          )}
        </p>
        <p class="now-owner">
          <Who of={of} />
        </p>
        {!of.owner && of.paged.length > 0 && untaken(of) && (
          <p class="muted">
            {t("incident.who.paged", { people: of.paged.map(called).join(t("incident.and")) })}
          </p>
        )}
        {of.ops_owner && of.ops_owner !== of.owner && (
          <p class="muted">{t("incident.follows", { person: called(of.ops_owner) })}</p>
        )}
        {of.incoming && <p class="muted">{t("incident.incoming", { person: called(of.incoming) })}</p>}
      </div>
      {next && !over(of) && (
        <div class="now-next">
          <span class="muted">{t(`state.timer.${next.timer}`)}</span>
          <strong>
            <Countdown until={next.at} />
          </strong>
          {later.length > 0 && (
            <ul class="muted small">
              {later.slice(0, 2).map(({ timer, at }) => (
                <li key={timer}>
                  {t(`state.timer.${timer}`)} <Countdown until={at} />
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      <Bar of={of} doings={doings} />
    </section>
  );
}

function Who({ of }: { of: Incident }) {
  if (of.state === "merged") return <>{t("incident.who.merged", { id: of.merged_into ?? 0 })}</>;
  if (of.owner) {
    const mine = of.owner === me.value;
    return (
      <>
        <Icon name="person" />{" "}
        {mine ? t("incident.who.me") : t("incident.who.has", { person: called(of.owner) })}
      </>
    );
  }
  if (over(of)) return <>{t("incident.who.over")}</>;
  return (
    <>
      {untaken(of) && <Icon name="bell" />} {t("incident.who.nobody")}
    </>
  );
}

/** The few big buttons, and everything else behind one more. On a phone they stay at the bottom. */
function Bar({ of, doings }: { of: Incident; doings: Doings }) {
  if (!may("respond")) return <p class="muted now-bar">{t("incident.readOnly")}</p>;
  if (!open(of)) return null;
  const mine = taken(of) && of.owner === me.value;
  const big = over(of)
    ? of.state === "closed"
      ? []
      : [{ name: t("incident.close"), icon: "check", act: () => doings.ask("close") }]
    : mine
      ? [
          { name: t("incident.resolve"), icon: "check", act: () => doings.ask("resolve"), main: true },
          { name: t("incident.snooze"), icon: "clock", act: () => doings.ask("snooze") },
          of.tier === "rnd"
            ? { name: t("incident.return"), icon: "left", act: () => doings.ask("return") }
            : { name: t("incident.escalate"), icon: "right", act: doings.escalate },
        ]
      : [
          { name: t("incident.ack"), icon: "check", act: doings.ack, main: true },
          of.tier === "rnd"
            ? { name: t("incident.return"), icon: "left", act: () => doings.ask("return") }
            : { name: t("incident.escalate"), icon: "right", act: doings.escalate },
          untaken(of)
            ? { name: t("incident.cannot"), icon: "close", act: doings.unack }
            : { name: t("incident.snooze"), icon: "clock", act: () => doings.ask("snooze") },
        ];
  const more = rest(of, doings, mine);
  if (!big.length) return null;
  return (
    <div class="now-bar" role="group" aria-label={t("incident.actions")}>
      {big.map((one) => (
        <Button
          key={one.name}
          size="big"
          icon={one.icon}
          look={"main" in one && one.main ? "main" : "plain"}
          onClick={() => one.act()}
        >
          {one.name}
        </Button>
      ))}
      {more.length > 0 && (
        <Menu says={t("incident.more")} of={more} class="big">
          <Icon name="more" />
        </Menu>
      )}
    </div>
  );
}

function rest(of: Incident, doings: Doings, mine: boolean): Choice[] {
  const ask = (what: Asked) => () => doings.ask(what);
  const still = !over(of);
  const all: (Choice | false)[] = [
    still && !mine && taken(of) && { name: t("incident.takeOver"), act: doings.ack },
    still && mine && { name: t("incident.giveUp"), act: doings.unack },
    still && { name: t("incident.assign"), act: ask("assign") },
    still && { name: t("incident.escalateTo"), act: ask("escalate") },
    still && { name: t("incident.snooze"), act: ask("snooze") },
    still && { name: t("incident.setPriority"), act: ask("priority") },
    still && { name: t("incident.merge"), act: ask("merge") },
    still && { name: t("incident.unrelated"), act: ask("unrelated") },
    still && { name: t("incident.whyNotWith"), act: ask("why") },
    still && { name: t("incident.silence"), act: ask("silence") },
    still && { name: t("incident.resolve"), act: ask("resolve") },
    still && { name: t("incident.close"), act: ask("close") },
  ];
  return all.filter((one): one is Choice => !!one);
}
