/** What to write into a monitor so that it tells this AlertMesh: the exact lines, for this very address. */

export interface Here {
  /** `https://alerts.example.com`, as the browser has it. */
  origin: string;
  /** Whether one has to say who asks. */
  token: boolean;
}

/** Return an address as Prometheus wants it, which is without scheme and always with a port. */
export function target(origin: string): string {
  const { hostname, port, protocol } = new URL(origin);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

export function prometheus({ origin, token }: Here): string {
  const lines = ["alerting:", "  alertmanagers:"];
  const about = [`static_configs: [{targets: ["${target(origin)}"]}]`];
  if (origin.startsWith("https:")) about.unshift("scheme: https");
  if (token) about.push("authorization: {type: Bearer, credentials: TOKEN}");
  about.forEach((line, place) => lines.push(`    ${place ? " " : "-"} ${line}`));
  return lines.join("\n");
}

export function alertmanager({ origin, token }: Here): string {
  const lines = [
    "route:",
    "  receiver: alertmesh",
    "  group_by: ['...']",
    "  group_wait: 1s",
    "receivers:",
    "  - name: alertmesh",
    "    webhook_configs:",
    `      - url: ${origin}/api/v1/ingest/alertmanager`,
    "        send_resolved: true",
  ];
  if (token) lines.push("        http_config: {authorization: {type: Bearer, credentials: TOKEN}}");
  return lines.join("\n");
}

export function zabbix({ origin, token }: Here): string {
  const secrets = token
    ? "export ZABBIX_PASSWORD=... ALERTMESH_INGEST_TOKEN=TOKEN"
    : "export ZABBIX_PASSWORD=...";
  return [
    secrets,
    "alertmesh zabbix setup --url https://zabbix.example/zabbix --user Admin \\",
    `    --alertmesh-url ${origin} --check`,
  ].join("\n");
}

export function makeToken(name: string): string {
  return `alertmesh token create ${name} --scope ingest`;
}

/** Return one line for a shell that sends an alert which pages nobody and ends by itself. */
export function curl({ origin, token }: Here): string {
  const alert = [{ labels: { alertname: "FirstSteps", severity: "info", instance: "my-shell" } }];
  const lines = [
    `curl -fsS ${origin}/api/v2/alerts -H 'Content-Type: application/json' \\`,
    ...(token ? ["    -H 'Authorization: Bearer TOKEN' \\"] : []),
    `    -d '${JSON.stringify(alert)}'`,
  ];
  return lines.join("\n");
}

/** Tell whether an address means the machine that asks, so that others would ask themselves. */
export function isLoopback(origin: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(origin).hostname);
}
