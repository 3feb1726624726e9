/** A label of an alert or an incident. */
export function Label({ name, value }: { name: string; value: string }) {
  return (
    <code class="label">
      {name}=<b>{value}</b>
    </code>
  );
}
