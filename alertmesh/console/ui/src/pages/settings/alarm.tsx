import { useSignal } from "@preact/signals";
import { askPermission, notify, permission, ring } from "../../alerting";
import { Button } from "../../kit/button";
import { Check } from "../../kit/field";
import { Section } from "../../kit/layout";
import { change, settings } from "../../session";
import { t, tOr } from "../../words";

/** What this browser does when a P1 comes that nobody has yet. */
export function Alarm() {
  const allowed = useSignal(permission());
  const silent = useSignal(false);
  const unshown = useSignal(false);
  const { sound, notify: wanted } = settings.value;
  const testSound = async () => {
    silent.value = !(await ring());
  };
  const testNotice = async () => {
    allowed.value = await askPermission();
    unshown.value =
      allowed.value === "granted" &&
      !(await notify(t("settings.testTitle"), t("settings.testText"), "test", "/settings"));
  };
  const want = async (on: boolean) => {
    void change({ notify: on });
    if (on) allowed.value = await askPermission();
  };
  const problem = unshown.value ? "unshown" : allowed.value;
  return (
    <Section title={t("settings.alarm")}>
      <p class="muted settings-about">{t("settings.alarmAbout")}</p>
      <div class="settings-line">
        <Check label={t("settings.sound")} on={sound} change={(on) => void change({ sound: on })} />
        <Button size="small" icon="play" onClick={() => void testSound()}>
          {t("settings.testSound")}
        </Button>
      </div>
      {silent.value && <p class="small error">{t("settings.silent")}</p>}
      <div class="settings-line">
        <Check label={t("settings.notify")} on={wanted} change={(on) => void want(on)} />
        <Button size="small" icon="bell" onClick={() => void testNotice()}>
          {t("settings.testNotice")}
        </Button>
      </div>
      {(wanted || unshown.value) && problem !== "granted" && (
        <p class="small error">{tOr(`settings.permission.${problem}`, problem)}</p>
      )}
    </Section>
  );
}
