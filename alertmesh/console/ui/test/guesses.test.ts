/** A guess lies over what the server tells and goes alone; what takes something back undoes that and no more. */

import { signal } from "@preact/signals";
import { describe, expect, test, vi } from "vitest";
import { guess, said, told } from "../src/guesses";
import { rows, take } from "../src/rows";
import { ofAck, ofAssign, ofSnooze, ofUnack } from "../src/undo";

vi.hoisted(() => {
  // What the browser gives to whoever is loaded: the language is kept, and looked up once.
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("navigator", { language: "en" });
});

const PAGING = { id: 1, state: "t1_paging", owner: "", epoch: 1 };

describe("guesses", () => {
  test("two that fail leave what the server told, whichever fails first", () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const shown = signal(PAGING);
      const away = [guess(shown, { owner: "me", state: "t1_acked" }), guess(shown, { state: "snoozed" })];
      expect(shown.value).toEqual({ ...PAGING, owner: "me", state: "snoozed" });
      for (const n of order) away[n]?.();
      expect(shown.value).toEqual(PAGING);
    }
  });

  test("what is told meanwhile is beneath, and seen once the guess is gone", () => {
    const shown = signal(PAGING);
    const away = guess(shown, { owner: "me" });
    said(shown, { ...PAGING, state: "t2_paging", epoch: 2 });
    expect(shown.value).toEqual({ id: 1, state: "t2_paging", owner: "me", epoch: 2 });
    expect(told(shown).owner).toBe("");
    away();
    away();
    expect(shown.value).toEqual({ ...PAGING, state: "t2_paging", epoch: 2 });
  });

  test("the live stream tells only what changed, and a guess is not taken for told", () => {
    const whole = { ...PAGING, archived: false };
    take({ full: [whole as never], changed: [] });
    const shown = rows.get(1);
    if (!shown) throw new Error("no row");
    const away = guess(shown, { owner: "me", state: "t1_acked" });
    take({ full: [], changed: [{ id: 1, epoch: 2, step: 1 }] });
    away();
    expect(shown.value).toEqual({ ...whole, epoch: 2, step: 1 });
  });
});

describe("what takes it back", () => {
  const was = (state: string, owner = "") => ({ state, owner, archived: false });

  test("an ack gives it back to whoever had it, and nothing up that was one's own", () => {
    expect(ofAck(was("t1_paging"), "me")).toEqual({ order: "unack", body: {} });
    expect(ofAck(was("t1_acked", "wang"), "me")).toEqual({ order: "assign", body: { person: "wang" } });
    expect(ofAck(was("t1_acked", "me"), "me")).toBeNull();
    expect(ofAck(was("snoozed", "me"), "me")).toBeNull();
  });

  test("a snooze wakes one's own, is given up where nobody had it, and is left to others who have it", () => {
    expect(ofSnooze(was("t1_acked", "me"), "me")).toEqual({ order: "ack", body: {} });
    expect(ofSnooze(was("snoozed", "me"), "me")).toEqual({ order: "ack", body: {} });
    expect(ofSnooze(was("t1_paging"), "me")).toEqual({ order: "unack", body: {} });
    expect(ofSnooze(was("t2_acked", "wang"), "me")).toBeNull();
  });

  test("who gives up or assigns", () => {
    expect(ofUnack(was("t1_acked", "me"), "me")).toEqual({ order: "ack", body: {} });
    expect(ofUnack(was("t1_paging"), "me")).toBeNull();
    expect(ofAssign(was("t1_acked", "wang"), "chen")).toEqual({ order: "assign", body: { person: "wang" } });
    expect(ofAssign(was("t1_acked", "chen"), "chen")).toBeNull();
  });
});
