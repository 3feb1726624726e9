import { Snippet } from "../../kit/copy";
import { Section } from "../../kit/layout";
import { t } from "../../words";
import { here } from "./point";
import { curl } from "./snippets";

/** An alert by hand, to see the way work before any monitor is set up. */
export function Try() {
  return (
    <Section title={t("first.try")}>
      <div class="first-steps">
        <p>{t("first.tryAbout")}</p>
        <Snippet text={curl(here())} label={t("first.tryCommand")} />
      </div>
    </Section>
  );
}
