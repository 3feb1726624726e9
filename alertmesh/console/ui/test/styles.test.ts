/** Styles of a page stay with it: they are loaded when it is first shown, and are there on all others from then on. */

import { expect, test } from "vitest";

const SHEETS = import.meta.glob<string>("../src/**/*.css", { eager: true, query: "?raw", import: "default" });

/** Return the area that a sheet belongs to; what is for all pages belongs to none. */
const areaOf = (file: string) => /pages\/(\w+)\//.exec(file)?.[1] ?? "";

/** Return the selectors of a sheet; those within another rule stand beside it, joined by a space. */
function selectors(sheet: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  let text = "";
  for (const sign of sheet.replace(/\/\*.*?\*\//gs, "")) {
    if (sign === "{") {
      open.push(text.trim());
      const whole = open.filter((part) => !part.startsWith("@"));
      if (whole.length && !open.some((part) => part.startsWith("@keyframes"))) {
        const outer = whole.slice(0, -1).join(" ");
        for (const one of (whole.at(-1) ?? "").split(/,(?![^(]*\))/)) found.push(`${outer} ${one.trim()}`);
      }
    } else if (sign === "}") open.pop();
    text = /[{};]/.test(sign) ? "" : text + sign;
  }
  return found;
}

const classesOf = (selector: string) =>
  [...selector.matchAll(/\.(-?[a-z][\w-]*)/g)].map(([, name]) => name ?? "");

const owners = new Map<string, Set<string>>();
for (const [file, sheet] of Object.entries(SHEETS)) {
  for (const name of selectors(sheet).flatMap(classesOf)) {
    owners.set(name, (owners.get(name) ?? new Set()).add(areaOf(file)));
  }
}

test("the sheets were read", () => expect(owners.size).toBeGreaterThan(200));

test.each(Object.keys(SHEETS).filter(areaOf))("%s changes nothing of other pages", (file) => {
  const own = (name: string) => owners.get(name)?.size === 1 && owners.get(name)?.has(areaOf(file));
  const strays = selectors(SHEETS[file] ?? "").filter((selector) => !classesOf(selector).some(own));
  expect(strays).toEqual([]);
});
