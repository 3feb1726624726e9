import { Page } from "../../kit/layout";
import { t } from "../../words";
import { Alarm } from "./alarm";
import { Channels } from "./channels";
import { Looks } from "./looks";
import "./settings.css";
import { Views } from "./views";
import { You } from "./you";

export default function Settings() {
  return (
    <Page title={t("settings.title")} lead={t("settings.lead")}>
      <div class="settings">
        <You />
        <Looks />
        <Alarm />
        <Channels />
        <Views />
      </div>
    </Page>
  );
}
