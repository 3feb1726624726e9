import { useSignal } from "@preact/signals";
import { Problem } from "../../api";
import { Button } from "../../kit/button";
import { coded } from "../../kit/coded";
import { Dialog } from "../../kit/dialog";
import { Field } from "../../kit/field";
import { Facts, Section } from "../../kit/layout";
import { Tag, Time } from "../../kit/marks";
import { done, failed } from "../../notices";
import { changePassword, session, signOut } from "../../session";
import { t, tOr } from "../../words";

/** Who the console takes the person for, and what they may do. */
export function You() {
  const asking = useSignal(false);
  const who = session.value;
  if (!who) return null;
  const signedIn = who.way === "session";
  return (
    <Section
      title={t("settings.you")}
      actions={
        signedIn && (
          <>
            {who.password && (
              <Button size="small" onClick={() => (asking.value = true)}>
                {t("settings.password")}
              </Button>
            )}
            <Button size="small" icon="out" onClick={() => void signOut().catch(failed)}>
              {t("settings.signOut")}
            </Button>
          </>
        )
      }
    >
      <Facts
        of={[
          [
            t("settings.name"),
            <span key="name">
              {who.display}
              {who.display !== who.name && <span class="muted"> {who.name}</span>}
            </span>,
          ],
          [t("settings.way"), t(`settings.way.${signedIn && !who.password ? "provider" : who.way}`)],
          [t("settings.may"), <Rights key="may" role={who.role} scopes={who.scopes} />],
          ...(who.until
            ? [[t("settings.until"), <Time key="until" at={who.until} />] as [string, preact.VNode]]
            : []),
        ]}
      />
      {who.way === "local" && <p class="muted settings-about">{coded(t("settings.localAbout"))}</p>}
      {asking.value && <PasswordDialog close={() => (asking.value = false)} />}
    </Section>
  );
}

function Rights({ role, scopes }: { role: string; scopes: readonly string[] }) {
  const level = scopes.includes("admin") ? "admin" : scopes.includes("respond") ? "responder" : "viewer";
  return (
    <span class="settings-rights">
      <Tag tone="accent">{t(`settings.role.${role || level}`)}</Tag>
      <span class="muted small">{t(`settings.does.${level}`)}</span>
    </span>
  );
}

function PasswordDialog({ close }: { close: () => void }) {
  const old = useSignal("");
  const fresh = useSignal("");
  const busy = useSignal(false);
  const refused = useSignal<Problem | null>(null);
  const send = async () => {
    busy.value = true;
    try {
      await changePassword(old.value, fresh.value);
      done(t("settings.passwordDone"));
      close();
    } catch (error) {
      if (error instanceof Problem && error.status === 422) refused.value = error;
      else failed(error);
    } finally {
      busy.value = false;
    }
  };
  const fault = (field: string) => {
    const problem = refused.value;
    if (problem?.field !== field) return undefined;
    return tOr(`settings.${problem.kind}`, problem.message);
  };
  return (
    <Dialog title={t("settings.password")} close={close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <input
          class="unseen"
          type="text"
          autocomplete="username"
          value={session.value?.name}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <Field
          label={t("settings.old")}
          type="password"
          value={old.value}
          change={(text) => (old.value = text)}
          autocomplete="current-password"
          required
          error={fault("old")}
        />
        <Field
          label={t("settings.new")}
          type="password"
          value={fresh.value}
          change={(text) => (fresh.value = text)}
          autocomplete="new-password"
          required
          hint={t("settings.newAbout")}
          error={fault("new")}
        />
        <div class="row settings-end">
          <Button onClick={close}>{t("kit.cancel")}</Button>
          <Button type="submit" look="main" busy={busy.value}>
            {t("kit.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
