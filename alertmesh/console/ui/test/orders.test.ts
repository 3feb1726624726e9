/** What is sent to one incident goes one after the other, once, and again after a sign-in. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signedOut } from "../src/api";
import { carryOut, isUnderWay } from "../src/orders";

vi.hoisted(() => {
  // What the browser gives to whoever is loaded: the language is kept, and looked up once.
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("navigator", { language: "en" });
});

interface Sent {
  order: string;
  body: Record<string, unknown>;
  answers: (status: number, epoch?: number) => void;
}

const sent: Sent[] = [];

beforeEach(() => {
  sent.length = 0;
  signedOut.value = false;
  vi.stubGlobal(
    "fetch",
    (url: string, { body }: { body: string }) =>
      new Promise<Response>((resolve) =>
        sent.push({
          order: url.split("/").at(-1) ?? "",
          body: JSON.parse(body) as Record<string, unknown>,
          answers: (status, epoch = 0) =>
            resolve(
              new Response(JSON.stringify({ id: 1, epoch }), {
                status,
                headers: { "Content-Type": "application/json" },
              }),
            ),
        }),
      ),
  );
});
afterEach(() => vi.unstubAllGlobals());

const nth = (n: number) => vi.waitFor(() => sent[n] ?? Promise.reject(new Error(`no request ${n}`)));

test("what follows on what one did goes by the epoch that came of that", async () => {
  const first = carryOut(1, "escalate", 5);
  const second = carryOut(1, "ack", 5);
  (await nth(0)).answers(200, 6);
  await first;
  expect((await nth(1)).body).toEqual({ epoch: 6 });
  sent[1]?.answers(200, 7);
  expect((await second).epoch).toBe(7);
});

test("the same twice at once is one, whatever the stream told meanwhile", async () => {
  const first = carryOut(1, "unack", 5);
  const second = carryOut(1, "unack", 6);
  expect(isUnderWay(1, "unack")).toBe(true);
  (await nth(0)).answers(200, 6);
  expect(await second).toBe(await first);
  expect(isUnderWay(1, "unack")).toBe(false);
  expect(sent.length).toBe(1);
});

test("the same for another, with other words, or after something else is not", async () => {
  void carryOut(1, "assign", 5, { person: "wang" });
  void carryOut(2, "assign", 5, { person: "wang" });
  void carryOut(1, "assign", 5, { person: "chen" });
  void carryOut(1, "assign", 5, { person: "wang" });
  expect(isUnderWay(1, "assign", { person: "chen" })).toBe(false);
  await nth(1);
  for (let n = 0; n < 4; n += 1) (await nth(n)).answers(200, 6 + n);
  expect(sent.map(({ body }) => body["person"])).toEqual(["wang", "wang", "chen", "wang"]);
});

test("what failed holds nothing up, and can be tried again", async () => {
  const first = carryOut(1, "ack", 5);
  (await nth(0)).answers(409);
  await expect(first).rejects.toMatchObject({ status: 409 });
  expect(isUnderWay(1, "ack")).toBe(false);
  void carryOut(1, "ack", 6);
  expect((await nth(1)).body).toEqual({ epoch: 6 });
});

test("what the end of a session kept back is sent once the person is back", async () => {
  const order = carryOut(3, "ack", 5);
  (await nth(0)).answers(401);
  await vi.waitFor(() => expect(signedOut.peek()).toBe(true));
  await new Promise((resolve) => setTimeout(resolve));
  expect(sent.length).toBe(1);
  signedOut.value = false;
  (await nth(1)).answers(200, 6);
  expect((await order).epoch).toBe(6);
});
