/** What a view shows while it has nothing to show. */

import type { ComponentChildren } from "preact";
import { Problem } from "../api";
import type { Resource } from "../resource";
import { t } from "../words";
import { Button } from "./button";

/** Grey lines in place of what is on its way. */
export function Loading({ lines = 4 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label={t("kit.loading")}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  );
}

/** Nothing there, and what that means or what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="nothing">
      <h2>{title}</h2>
      {children && <div class="muted">{children}</div>}
    </div>
  );
}

/** What went wrong, and a way to try again. */
export function Failure({ why, retry }: { why: string; retry?: () => void }) {
  return (
    <div class="nothing bad" role="alert">
      <p>{why}</p>
      {retry && (
        <Button icon="retry" onClick={retry}>
          {t("kit.retry")}
        </Button>
      )}
    </div>
  );
}

/** Return a problem in words. */
export function inWords(problem: Problem): string {
  if (problem.status === 0) return t("kit.unreachable");
  if (problem.status === 403) return t("kit.forbidden");
  return problem.message || t("kit.broken");
}

/** Show what a resource holds, or why it does not. An old answer stays in sight while the server cannot be reached. */
export function Held<T>({
  of,
  children,
  lines,
}: {
  of: Resource<T>;
  children: (data: T) => ComponentChildren;
  lines?: number;
}) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error && <Failure why={inWords(of.error)} retry={of.reload} />}
        {children(of.data)}
      </>
    );
  }
  if (of.error) return <Failure why={inWords(of.error)} retry={of.reload} />;
  return <Loading {...(lines && { lines })} />;
}
