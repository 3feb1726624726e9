import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get, Problem } from "../../api";
import { Button, Toggle } from "../../kit/button";
import { Snippet } from "../../kit/copy";
import { Field } from "../../kit/field";
import { ask, query } from "../../route";
import { change, session, settings, signIn, unmade, type Ways } from "../../session";
import { second } from "../../time";
import { type Language, language, t } from "../../words";
import { ByProvider, FAILED, NotByProvider } from "./provider";
import "./signin.css";

const COMMAND = "alertmesh user add NAME --role admin";
const BY_PASSWORD: Ways = { password: true, provider: null };
const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["en", "English"],
  ["zh", "中文"],
];

/** Sign in, over whatever was open: it is there again as it was. */
export default function SignIn() {
  const frame = useRef<HTMLDialogElement>(null);
  const name = useSignal(session.peek()?.name ?? "");
  const password = useSignal("");
  const busy = useSignal(false);
  const refused = useSignal<Problem | null>(null);
  const againAt = useSignal(0);
  const picked = useSignal<Language | null>(null);
  const again = session.peek() !== null;
  const ways = useSignal<Ways | null>(null);
  const failure = useSignal(query.peek().get(FAILED) ?? "");

  useEffect(() => {
    const dialog = frame.current;
    const before = document.title;
    document.title = `${t("signin.title")} · AlertMesh`;
    dialog?.showModal();
    ask({ [FAILED]: null });
    get("/api/v1/session/ways").then(
      (found) => (ways.value = found),
      () => (ways.value = BY_PASSWORD),
    );
    return () => {
      document.title = before;
    };
  }, []);
  const { password: byPassword, provider } = ways.value ?? { password: false, provider: null };
  useEffect(() => {
    const first = provider ? "a.button" : again ? "input[type=password]" : "input";
    frame.current?.querySelector<HTMLElement>(first)?.focus();
  }, [ways.value]);

  const send = async () => {
    busy.value = true;
    refused.value = null;
    try {
      await signIn(name.value.trim(), password.value);
      if (picked.value) await change({ language: picked.value });
    } catch (error) {
      refused.value = error instanceof Problem ? error : new Problem(0, "broken", String(error));
      againAt.value = Date.now() + refused.value.retryAfter * 1_000;
      password.value = "";
      frame.current?.querySelector<HTMLInputElement>("input[type=password]")?.focus();
    } finally {
      busy.value = false;
    }
  };

  const wait = useWait(againAt.value);
  const waits = refused.value?.status === 429 && wait > 0;
  return (
    <dialog
      ref={frame}
      class="signin"
      aria-label={t("signin.title")}
      onCancel={(event) => event.preventDefault()}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy.value && !waits) void send();
        }}
      >
        <header>
          <p class="signin-brand">AlertMesh</p>
          <h1>{t("signin.title")}</h1>
          {again && <p class="muted">{t("signin.over")}</p>}
        </header>
        {provider && failure.value && <NotByProvider why={failure.value} title={provider.title} />}
        {provider && <ByProvider of={provider} />}
        {provider && byPassword && <p class="signin-or small muted">{t("signin.or")}</p>}
        {byPassword && (
          <>
            <Field
              label={t("signin.name")}
              value={name.value}
              change={(text) => (name.value = text)}
              name="username"
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              required
            />
            <Field
              label={t("signin.password")}
              type="password"
              value={password.value}
              change={(text) => (password.value = text)}
              name="password"
              autocomplete="current-password"
              required
              error={waits ? t("signin.wait", { n: wait }) : told(refused.value)}
            />
            <Button
              type="submit"
              look={provider ? "plain" : "main"}
              size="big"
              busy={busy.value}
              disabled={waits}
            >
              {t("signin.do")}
            </Button>
          </>
        )}
        {(unmade.value || refused.value?.kind === "no-account") && (
          <div class="stack">
            <p class="small muted">{t("signin.make")}</p>
            <Snippet text={COMMAND} label={t("signin.command")} />
          </div>
        )}
        <footer class="row">
          {LANGUAGES.map(([key, said]) => (
            <Toggle
              key={key}
              on={language.value === key}
              lang={key === "zh" ? "zh-CN" : "en"}
              onClick={() => {
                picked.value = key;
                settings.value = { ...settings.peek(), language: key };
              }}
            >
              {said}
            </Toggle>
          ))}
        </footer>
      </form>
    </dialog>
  );
}

/** Return how many seconds are left until a moment of this browser's clock. */
function useWait(until: number): number {
  void second.value;
  return Math.max(0, Math.ceil((until - Date.now()) / 1_000));
}

/** Return why the server did not let somebody in, in the reader's language. */
function told(problem: Problem | null): string | undefined {
  if (!problem) return undefined;
  if (problem.status === 0) return t("kit.unreachable");
  if (problem.kind === "wrong-password") return t("signin.wrong");
  if (problem.kind === "no-account") return t("signin.none");
  if (problem.status === 429) return undefined;
  return problem.message;
}
