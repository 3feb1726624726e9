/** What may stand at a place, by the schemas that the server has. */

import { expect, test } from "vitest";
import { aboutKey, filed, keysAt, type Schema, valuesAt } from "../src/pages/rules/shape";

const SCHEMAS = import.meta.glob<Schema>("../../../../rules/schema/*.json", {
  eager: true,
  import: "default",
});
const of = (name: string): Schema => SCHEMAS[`../../../../rules/schema/${name}.json`] ?? {};

test.each([
  ["dedup", [], "flap"],
  ["dedup", ["flap"], "windows"],
  ["dedup", ["flap", "windows", -1], "length"],
  ["dedup", ["flap", "bounds"], "P2"],
  ["policies", ["policies", -1, "rows", "P1", "ops_steps", -1], "targets"],
  ["maintenance", ["windows", -1], "begins"],
  ["inhibit", [-1], "source"],
  ["channels", ["channels", -1], "settings"],
] as const)("%s at %j has %s", (name, path, key) => {
  expect(keysAt(of(name), path).map((offer) => offer.name)).toContain(key);
});

test("values are those of the schema, and true or false for a switch", () => {
  expect(valuesAt(of("dedup"), ["flap", "enabled"])).toEqual(["true", "false"]);
  expect(valuesAt(of("incidents"), ["watch_priorities", -1])).toEqual(["P1", "P2", "P3", "P4"]);
});

test("what a key takes is told with its limits, and what it is for", () => {
  const help = { "flap.min_changes": "it takes this many changes" };
  const about = aboutKey({ ...of("dedup"), "x-help": help }, ["flap", "min_changes"]);
  expect(about).toMatchObject({ takes: ["integer ≥ 1"], help: "it takes this many changes" });
  expect(aboutKey(of("dedup"), ["flop"])).toBeNull();
});

test("what the shipped rules have is standard where the schema has no default", () => {
  const shipped = { "flap.min_changes": "5", "selfheal.enabled": "true" };
  const standard = (path: string[]) => aboutKey({ ...of("dedup"), "x-shipped": shipped }, path)?.standard;
  expect(standard(["flap", "min_changes"])).toBe("5");
  expect(standard(["flap", "stable"])).toBe("");
  const calendars = { ...of("calendars"), "x-shipped": { "calendars[].begins": "never" } };
  expect(aboutKey(calendars, ["calendars", -1, "begins"])?.standard).toBe("09:00");
});

test.each([
  ["dedup", ["flap", "windows", -1, "length"], "flap.windows[].length"],
  ["policies", ["policies", -1, "rows", "P1", "hold"], "policies[].rows.*.hold"],
  ["mappings", ["labels", "host", "default"], "labels.*.default"],
  ["inhibit", [-1, "source"], "[].source"],
] as const)("help for %s at %j is filed as %s", (name, path, as) => {
  expect(filed(of(name), path)).toBe(as);
});

test("help for a key under any name is that of all of them", () => {
  const rooted = { ...of("policies"), "x-help": { "policies[].rows.*.hold": "how long it waits" } };
  expect(aboutKey(rooted, ["policies", -1, "rows", "P2", "hold"])?.help).toBe("how long it waits");
  const offered = keysAt(rooted, ["policies", -1, "rows", "P2"]);
  expect(offered.find((one) => one.name === "hold")?.help).toBe("how long it waits");
});
