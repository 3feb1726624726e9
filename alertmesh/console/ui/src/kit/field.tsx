import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface Worded {
  label: string;
  hint?: ComponentChildren;
  /** What is wrong with the value. */
  error?: string | undefined;
  /** The label is for screen readers alone. */
  bare?: boolean;
}

function Frame({
  id,
  label,
  hint,
  error,
  bare,
  children,
}: Worded & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id} class={bare ? "unseen" : ""}>
        {label}
      </label>
      {children}
      {hint && (
        <small id={`${id}-hint`} class="muted">
          {hint}
        </small>
      )}
      {error && (
        <small id={`${id}-error`} class="error" role="alert">
          {error}
        </small>
      )}
    </div>
  );
}

const described = (id: string, { hint, error }: Worded) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

type Own = "label" | "onChange" | "value" | "role" | "type";
type Kind = "text" | "password" | "search" | "number" | "date" | "time" | "datetime-local";
type Typed<E extends "input" | "select" | "textarea"> = Worded &
  Omit<JSX.IntrinsicElements[E], Own> & { value: string; change: (value: string) => void };

/** A line to type into. */
export function Field({
  label,
  hint,
  error,
  bare,
  change,
  type = "text",
  ...rest
}: Typed<"input"> & { type?: Kind }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} {...(bare && { bare })}>
      <input
        {...(rest as object)}
        type={type as "text"}
        id={id}
        aria-invalid={!!error}
        aria-describedby={described(id, { label, hint, error })}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </Frame>
  );
}

/** Some lines to type into. */
export function Area({ label, hint, error, bare, change, ...rest }: Typed<"textarea">) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} {...(bare && { bare })}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        aria-invalid={!!error}
        aria-describedby={described(id, { label, hint, error })}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </Frame>
  );
}

/** One of a few. */
export function Choose({
  label,
  hint,
  error,
  bare,
  change,
  of,
  ...rest
}: Typed<"select"> & { of: readonly (readonly [value: string, name: string])[] }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} {...(bare && { bare })}>
      <select
        {...rest}
        id={id}
        aria-describedby={described(id, { label, hint, error })}
        onChange={(event) => change(event.currentTarget.value)}
      >
        {of.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** Yes or no. */
export function Check({
  label,
  on,
  change,
  hint,
}: {
  label: string;
  on: boolean;
  change: (on: boolean) => void;
  hint?: string;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={(event) => change(event.currentTarget.checked)} />
      <span>
        {label}
        {hint && <small class="muted"> {hint}</small>}
      </span>
    </label>
  );
}
