/** What may stand at a place of a rule file, by its JSON Schema. */

import type { Step } from "./place";

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  propertyNames?: Schema;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema | boolean;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  required?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  minLength?: number;
  pattern?: string;
  /** What each key is for, by the path that `filed` gives. */
  "x-help"?: Record<string, string>;
  /** What the shipped rules have for a key, as they write it, by the same path. */
  "x-shipped"?: Record<string, string>;
}

export interface Offer {
  name: string;
  /** In a word or two: its type or its values. */
  detail: string;
  help: string;
  required: boolean;
  /** What follows when it is taken: a value on the line, or something on the lines below. */
  holds: "value" | "object" | "list";
}

/** Return every schema that may hold at a path. */
function shapesAt(root: Schema, path: readonly Step[]): Schema[] {
  let now = spread(root, root);
  for (const step of path) now = stepped(root, now, step);
  return now;
}

function stepped(root: Schema, shapes: readonly Schema[], step: Step): Schema[] {
  return shapes.flatMap((one) => below(one, step)).flatMap((one) => spread(one, root));
}

/** Return the keys that may stand at a path. */
export function keysAt(root: Schema, path: readonly Step[]): Offer[] {
  const found = new Map<string, Offer>();
  for (const shape of shapesAt(root, path)) {
    for (const name of shape.propertyNames?.enum ?? []) {
      if (typeof shape.additionalProperties === "object")
        add(found, root, path, String(name), shape.additionalProperties, false);
    }
    for (const [name, property] of Object.entries(shape.properties ?? {})) {
      add(found, root, path, name, property, shape.required?.includes(name) ?? false);
    }
  }
  return [...found.values()];
}

/** Return the values that a place may have, as they are written; empty when any may stand there. */
export function valuesAt(root: Schema, path: readonly Step[]): string[] {
  const found = new Set<string>();
  for (const shape of shapesAt(root, path)) {
    for (const value of shape.enum ?? []) found.add(written(value));
    if (shape.const !== undefined) found.add(written(shape.const));
    if (typesOf(shape).includes("boolean")) ["true", "false"].forEach((value) => found.add(value));
    for (const value of shape.examples ?? []) found.add(written(value));
  }
  return [...found];
}

/** What is known of a key: what it takes, within which limits, and what it is for. */
export interface About {
  name: string;
  takes: string[];
  values: string[];
  examples: string[];
  standard: string;
  help: string;
}

/** Return what is known of the key at a path; null when the schema has none there. */
export function aboutKey(root: Schema, path: readonly Step[]): About | null {
  const shapes = shapesAt(root, path);
  if (!shapes.length) return null;
  const given = shapesAt(root, path.slice(0, -1)).map((shape) => shape.properties?.[String(path.at(-1))]);
  const standard = given.map((one) => one?.default).find((value) => value !== undefined && value !== null);
  return {
    name: String(path.at(-1)),
    takes: [...new Set(shapes.flatMap(kindOf))],
    values: shapes.flatMap((shape) => (shape.enum ?? []).map(written)),
    examples: [...new Set(shapes.flatMap((shape) => (shape.examples ?? []).map(written)))],
    standard: standard === undefined ? (root["x-shipped"]?.[filed(root, path)] ?? "") : written(standard),
    help: helpAt(root, path, shapes),
  };
}

/** Return a path as the help is filed by: `rows.*.steps[].after`, with `*` where any name may stand. */
export function filed(root: Schema, path: readonly Step[]): string {
  let now = spread(root, root);
  let name = "";
  for (const step of path) {
    if (step === -1) name += "[]";
    else {
      const own = now.some((shape) => shape.properties?.[step]) ? step : "*";
      name = name ? `${name}.${own}` : own;
    }
    now = stepped(root, now, step);
  }
  return name;
}

function add(
  found: Map<string, Offer>,
  root: Schema,
  path: readonly Step[],
  name: string,
  property: Schema,
  required: boolean,
): void {
  const shapes = spread(property, root);
  const kinds = shapes.flatMap(typesOf);
  found.set(name, {
    name,
    detail: [
      ...new Set(
        shapes.flatMap((shape) =>
          shape.enum?.length ? [shape.enum.map(written).join(" | ")] : kindOf(shape),
        ),
      ),
    ]
      .join(", ")
      .slice(0, 60),
    help: helpAt(root, [...path, name], shapes),
    required,
    holds: kinds.includes("object") ? "object" : kinds.includes("array") ? "list" : "value",
  });
}

function helpAt(root: Schema, path: readonly Step[], shapes: readonly Schema[]): string {
  return root["x-help"]?.[filed(root, path)] ?? shapes.find((shape) => shape.description)?.description ?? "";
}

/** Follow references and alternatives until only plain schemas are left; null is not worth a word. */
function spread(shape: Schema, root: Schema, depth = 0): Schema[] {
  if (depth > 12) return [];
  if (shape.$ref) {
    const name = /^#\/\$defs\/(.+)$/.exec(shape.$ref)?.[1];
    const found = name ? root.$defs?.[name] : undefined;
    return found ? spread(found, root, depth + 1) : [];
  }
  const others = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])];
  const plain = others.length && !shape.properties && !shape.type ? [] : [shape];
  return [...plain, ...others.flatMap((one) => spread(one, root, depth + 1))].filter(
    (one) => one.type !== "null",
  );
}

function below(shape: Schema, step: Step): Schema[] {
  if (step === -1) {
    const items = typeof shape.items === "object" ? [shape.items] : [];
    return [...items, ...(shape.prefixItems ?? [])];
  }
  const named = shape.properties?.[step];
  if (named) return [named];
  return typeof shape.additionalProperties === "object" ? [shape.additionalProperties] : [];
}

function typesOf(shape: Schema): string[] {
  const told = shape.type ?? (shape.properties ? "object" : shape.enum ? "string" : []);
  return Array.isArray(told) ? told : [told];
}

/** Return in a word what a schema takes: `number ≥ 0`, `text`, `list`. */
function kindOf(shape: Schema): string[] {
  const least = shape.minimum !== undefined ? ` ≥ ${shape.minimum}` : "";
  const above = shape.exclusiveMinimum !== undefined ? ` > ${shape.exclusiveMinimum}` : "";
  const most = shape.maximum !== undefined ? ` ≤ ${shape.maximum}` : "";
  return typesOf(shape).map((one) => `${one}${least}${above}${most}`);
}

const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
