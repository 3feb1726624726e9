/** What every request says besides what it asks: in which language a refusal is to be told. */

import { expect, test, vi } from "vitest";
import { get, post, Problem, put } from "../src/api";
import { chosen } from "../src/words";

const sent = vi.hoisted(() => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("navigator", { language: "zh-CN" });
  const headers: Record<string, string>[] = [];
  vi.stubGlobal("fetch", async (_: string, init: { headers: Record<string, string> }) => {
    headers.push(init.headers);
    return new Response(JSON.stringify({ type: "urn:alertmesh:stale", detail: "已恢复" }), { status: 409 });
  });
  return headers;
});

const id = { path: { id: 1 } };

test.each([
  ["a question", () => get("/api/v1/status")],
  ["an order", () => post("/api/v1/incidents/{id}/ack", { ...id, body: { epoch: 1 } })],
  [
    "a text",
    () => put("/api/v1/rules/{path}", { path: { path: "a" }, raw: { text: "a", type: "text/csv" } }),
  ],
])("%s says the language in force", async (_, ask) => {
  for (const [choice, expected] of [
    ["auto", "zh"],
    ["en", "en"],
    ["zh", "zh"],
  ] as const) {
    chosen.value = choice;
    await expect(ask()).rejects.toThrow(Problem);
    expect(sent.at(-1)?.["Accept-Language"]).toBe(expected);
  }
});

test("a refusal is told as the server words it", async () => {
  await expect(post("/api/v1/incidents/{id}/ack", { ...id, body: {} })).rejects.toThrow("已恢复");
});
