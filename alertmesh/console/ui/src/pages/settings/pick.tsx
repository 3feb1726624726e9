import { useId } from "preact/hooks";

/** One of a few, all in sight: a group of radio buttons that looks like one switch. */
export function Pick<K extends string>({
  label,
  of,
  on,
  choose,
  hint,
}: {
  label: string;
  of: readonly (readonly [value: K, name: string])[];
  on: K;
  choose: (value: K) => void;
  hint?: string;
}) {
  const name = useId();
  return (
    <fieldset class="setting">
      <legend>{label}</legend>
      <div class="pick-row">
        {of.map(([value, said]) => (
          <label key={value}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={on === value}
              onChange={() => choose(value)}
            />
            <span>{said}</span>
          </label>
        ))}
      </div>
      {hint && <small class="muted">{hint}</small>}
    </fieldset>
  );
}
