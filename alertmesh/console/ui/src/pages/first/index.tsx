import { get } from "../../api";
import { Page } from "../../kit/layout";
import { useResource } from "../../resource";
import { t } from "../../words";
import "./first.css";
import { Heard } from "./heard";
import { Next } from "./next";
import { Point } from "./point";
import { Try } from "./try";

const LOOK_MS = 15_000;

/** An AlertMesh that is new: how alerts come in, whether they do, and what to see to next. */
export default function First() {
  const sources = useResource((signal) => get("/api/v1/sources", { signal }), [], LOOK_MS);
  return (
    <Page title={t("first.title")} lead={t("first.lead")}>
      <div class="first-page">
        <Heard sources={sources} />
        <Point />
        <Try />
        <Next />
      </div>
    </Page>
  );
}
