import { PriorityMark, StateTag, Time } from "../../kit/marks";
import { Choose } from "../../kit/field";
import { Section } from "../../kit/layout";
import { change, settings } from "../../session";
import { absolute, second } from "../../time";
import { t } from "../../words";
import { Pick } from "./pick";

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
const AGO_MS = 12 * 60_000;

/** How the console looks to this person. What is chosen holds at once, on every device. */
export function Looks() {
  const { language, theme, density, zone } = settings.value;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = zone === "auto" || ZONES.includes(zone) ? ZONES : [zone, ...ZONES];
  return (
    <Section title={t("settings.looks")}>
      <div class="settings-parts">
        <Pick
          label={t("settings.language")}
          on={language}
          choose={(value) => void change({ language: value })}
          of={[
            ["auto", t("settings.auto")],
            ["en", "English"],
            ["zh", "中文"],
          ]}
        />
        <Pick
          label={t("settings.theme")}
          on={theme}
          choose={(value) => void change({ theme: value })}
          of={[
            ["auto", t("settings.auto")],
            ["light", t("settings.light")],
            ["dark", t("settings.dark")],
          ]}
        />
        <Pick
          label={t("settings.density")}
          on={density}
          choose={(value) => void change({ density: value })}
          of={[
            ["dense", t("settings.dense")],
            ["roomy", t("settings.roomy")],
          ]}
        />
        <Choose
          label={t("settings.zone")}
          value={zone}
          change={(value) => void change({ zone: value })}
          hint={t("settings.now", { time: absolute(second.value) })}
          of={[["auto", t("settings.autoZone", { zone: own })], ...known.map((one) => [one, one] as const)]}
        />
      </div>
      <Sample />
    </Section>
  );
}

/** A line as lists have it, to see what the settings do. */
function Sample() {
  const since = new Date(Math.floor(second.value / 60_000) * 60_000 - AGO_MS);
  return (
    <div class="settings-sample" role="img" aria-label={t("settings.sample")}>
      <PriorityMark of="P1" />
      <span class="grow cut">{t("settings.sampleTitle")}</span>
      <StateTag of="t1_paging" />
      <span class="muted nowrap">
        <Time at={since} as="clock" /> · <Time at={since} />
      </span>
    </div>
  );
}
