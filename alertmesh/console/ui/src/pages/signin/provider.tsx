import { Snippet } from "../../kit/copy";
import type { Ways } from "../../session";
import { t } from "../../words";

const COMMAND = "alertmesh user sso NAME";

/** What the server puts into the address when a sign-in by the provider came to nothing. */
export const FAILED = "signin";

const FAILURES = ["denied", "stale", "unreachable", "broken", "no-name", "no-role", "taken", "wait"];

/** Go to the provider, and come back to where one is. */
export function ByProvider({ of }: { of: NonNullable<Ways["provider"]> }) {
  const here = location.pathname + location.search + location.hash;
  return (
    <a class="button main big" href={`${of.start}?next=${encodeURIComponent(here)}`}>
      {t("signin.by", { title: of.title })}
    </a>
  );
}

/** Say why the provider's word did not do, and what to do about it. */
export function NotByProvider({ why, title }: { why: string; title: string }) {
  return (
    <div class="stack signin-failed" role="alert">
      <p class="error">{t(`signin.failed.${FAILURES.includes(why) ? why : "other"}`, { title })}</p>
      {why === "taken" && <Snippet text={COMMAND} label={t("signin.handOver")} />}
    </div>
  );
}
