/** What is to be written into monitors fits the address that the console was opened by. */

import { expect, test } from "vitest";
import { alertmanager, curl, isLoopback, prometheus, target, zabbix } from "../src/pages/first/snippets";

const PLAIN = { origin: "http://127.0.0.1:9393", token: false };
const SAFE = { origin: "https://alerts.example.com", token: true };

test.each([
  ["http://127.0.0.1:9393", "127.0.0.1:9393"],
  ["https://alerts.example.com", "alerts.example.com:443"],
  ["http://alerts.example.com", "alerts.example.com:80"],
  ["http://[::1]:9393", "[::1]:9393"],
])("%s is %s to Prometheus", (origin, told) => {
  expect(target(origin)).toBe(told);
});

test("Prometheus is told scheme and token where they are needed", () => {
  expect(prometheus(PLAIN)).toBe(`alerting:
  alertmanagers:
    - static_configs: [{targets: ["127.0.0.1:9393"]}]`);
  expect(prometheus(SAFE)).toBe(`alerting:
  alertmanagers:
    - scheme: https
      static_configs: [{targets: ["alerts.example.com:443"]}]
      authorization: {type: Bearer, credentials: TOKEN}`);
});

test.each([alertmanager, zabbix, curl])(
  "a token stands where one has to say who asks, and only there",
  (snippet) => {
    expect(snippet(SAFE)).toContain("TOKEN");
    expect(snippet(SAFE)).toContain(SAFE.origin);
    expect(snippet(PLAIN)).not.toContain("TOKEN");
  },
);

test.each([
  ["http://localhost:9393", true],
  ["http://127.1.2.3", true],
  ["http://[::1]:9393", true],
  ["http://127.example.com", false],
  ["https://alerts.example.com", false],
])("%s is loopback: %s", (origin, is) => {
  expect(isLoopback(origin)).toBe(is);
});
