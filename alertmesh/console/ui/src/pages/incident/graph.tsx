/** The things of the incident and those it may reach: a drawing, and the same as a table. */

import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { PriorityMark, Tag } from "../../kit/marks";
import { Tabs } from "../../kit/layout";
import { Empty } from "../../kit/states";
import { Table } from "../../kit/table";
import { percent } from "../../numbers";
import { length } from "../../time";
import { t, tOr } from "../../words";
import { layout, type Point, towards } from "./force";
import type { Graph, Node } from "./model";

const WIDE = 640;
const HIGH = 400;
const EDGE = 44;
const NAMED = 14;
const LONGEST = 22;
const WAYS: Record<string, [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function GraphView({
  of,
  only,
  choose,
}: {
  of: Graph;
  /** Id of the thing whose alerts alone are shown. */
  only: string | null;
  choose: (node: Node) => void;
}) {
  const view = useSignal<"drawing" | "table">("drawing");
  if (!of.nodes.length) return <Empty title={t("incident.noThings")} />;
  return (
    <div class="stack">
      <Tabs
        label={t("incident.graph")}
        of={[
          { key: "drawing", name: t("incident.drawing") },
          { key: "table", name: t("incident.asTable") },
        ]}
        on={view.value}
        choose={(next) => (view.value = next)}
      />
      {view.value === "drawing" ? (
        <Drawing of={of} only={only} choose={choose} />
      ) : (
        <Listed of={of} choose={choose} />
      )}
      <p class="graph-key small muted">
        <Key class="hit" says={t("incident.legend.hit")} />
        <Key class="root" says={t("incident.legend.root")} />
        <Key class="near" says={t("incident.legend.near")} />
        <span>{t("incident.legend.arrow")}</span>
        {of.left_out + of.around_left_out > 0 && (
          <span>{t("incident.leftOut", { n: of.left_out + of.around_left_out })}</span>
        )}
      </p>
      {of.relations.length > 0 && (
        <details class="small">
          <summary class="muted">{t("incident.relations", { n: of.relations.length })}</summary>
          <ul class="stack">
            {of.relations.slice(0, 8).map((one) => (
              <li key={`${one.src} ${one.dst}`}>
                {one.src} → {one.dst}{" "}
                <span class="muted">
                  {percent(one.score)} · {length(one.lag_s, 1)}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Key({ class: kind, says }: { class: string; says: string }) {
  return (
    <span class="row">
      <svg width="20" height="20" viewBox="-10 -10 20 20" class={`node ${kind}`} aria-hidden="true">
        {kind === "root" && <circle r="8.5" class="ring" />}
        <circle r="6" class="dot" />
      </svg>
      {says}
    </span>
  );
}

function Drawing({ of, only, choose }: { of: Graph; only: string | null; choose: (node: Node) => void }) {
  const frame = useRef<SVGSVGElement>(null);
  const here = useSignal(0);
  const placed = useMemo(() => place(of), [of]);
  const { points, pairs } = placed;
  const root = rootOf(of.nodes);
  const crowded = of.nodes.length > NAMED;
  const reach = (event: KeyboardEvent) => {
    const way = WAYS[event.key];
    if (event.key === "Enter" || event.key === " ") {
      const node = of.nodes[here.value];
      if (node) choose(node);
    } else if (way) {
      const next = towards(points, here.value, ...way);
      if (next >= 0) {
        here.value = next;
        frame.current?.querySelectorAll<SVGGElement>("g.node")[next]?.focus();
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <svg
      ref={frame}
      class="graph"
      viewBox={`0 0 ${WIDE} ${HIGH}`}
      role="group"
      aria-label={t("incident.graphSays", {
        n: of.nodes.filter((node) => node.hop === 0).length,
        near: of.nodes.filter((node) => node.hop > 0).length,
        root: of.nodes[root]?.name ?? "",
      })}
      onKeyDown={reach}
    >
      <defs>
        <marker id="way" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" />
        </marker>
      </defs>
      <g aria-hidden="true">
        {pairs.map(([from, to, inferred, both]) => {
          const [a, b] = [points[from], points[to]];
          if (!a || !b) return null;
          const [x1, y1] = edgeOf(a, b, radius(of.nodes[from]) + 2);
          const [x2, y2] = edgeOf(b, a, radius(of.nodes[to]) + 4);
          return (
            <line
              key={`${from} ${to}`}
              class={inferred ? "link inferred" : "link"}
              x1={x1}
              y1={y1}
              x2={x2}
              y2={y2}
              {...(!both && { "marker-end": "url(#way)" })}
            />
          );
        })}
      </g>
      {of.nodes.map((node, at) => {
        const point = points[at];
        if (!point) return null;
        const size = radius(node);
        const kind = [
          node.hop > 0 ? "near" : node.firing ? "hit" : "ended",
          at === root ? "root" : "",
          node.priority.toLowerCase(),
        ];
        const named = !crowded || at === root || node.hop > 0 || only === node.id;
        return (
          <g
            key={node.id}
            class={`node ${kind.join(" ")} ${only === node.id ? "only" : ""} ${named ? "" : "nameless"}`}
            transform={`translate(${point.x.toFixed(1)} ${point.y.toFixed(1)})`}
            role="button"
            aria-label={said(node, at === root)}
            aria-pressed={only === node.id}
            tabIndex={at === here.value ? 0 : -1}
            onFocus={() => (here.value = at)}
            onClick={() => choose(node)}
          >
            <title>{said(node, at === root)}</title>
            <circle r={Math.max(size + 6, 16)} class="reach" />
            {at === root && <circle r={size + 4} class="ring" />}
            <circle r={size} class="dot" />
            <text y={size + 14} text-anchor="middle">
              {node.name.length > LONGEST ? `${node.name.slice(0, LONGEST - 1)}…` : node.name}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function Listed({ of, choose }: { of: Graph; choose: (node: Node) => void }) {
  const root = rootOf(of.nodes);
  return (
    <Table
      label={t("incident.graph")}
      of={of.nodes}
      keyOf={(node) => node.id}
      columns={[
        {
          name: t("incident.thing"),
          head: true,
          show: (node) => (
            <button type="button" class="linklike" onClick={() => choose(node)}>
              {node.name}
            </button>
          ),
        },
        {
          name: t("incident.standsAs"),
          show: (node) =>
            node === of.nodes[root] ? (
              <Tag tone="accent">{t("incident.legend.root")}</Tag>
            ) : node.hop ? (
              t("incident.hops", { n: node.hop })
            ) : (
              t("incident.legend.hit")
            ),
        },
        {
          name: t("incident.alerts"),
          number: true,
          show: (node) => (
            <span class="nowrap">
              {node.priority && <PriorityMark of={node.priority} />} {node.firing + node.ended || ""}
            </span>
          ),
        },
        {
          name: t("incident.next"),
          show: (node) =>
            of.edges
              .filter((edge) => edge.a === node.id)
              .map((edge) => `${tOr(`incident.edge.${edge.kind}`, edge.kind)} ${nameOf(of, edge.b)}`)
              .join(", "),
        },
      ]}
    />
  );
}

const nameOf = (of: Graph, id: string) => of.nodes.find((node) => node.id === id)?.name ?? id;

/** Return the place of the likeliest root among the things; -1 for none. */
function rootOf(nodes: readonly Node[]): number {
  let best = -1;
  for (const [at, node] of nodes.entries()) {
    if (node.root !== null && node.root > (nodes[best]?.root ?? 0)) best = at;
  }
  return best;
}

/** Lay it out, and fit it into the frame. Pairs go the way that trouble does. */
function place(of: Graph): { points: Point[]; pairs: [number, number, boolean, boolean][] } {
  const at = new Map(of.nodes.map((node, place) => [node.id, place]));
  const pairs: [number, number, boolean, boolean][] = [];
  for (const edge of of.edges) {
    const [a, b] = [at.get(edge.a), at.get(edge.b)];
    if (a !== undefined && b !== undefined) pairs.push([b, a, edge.inferred, edge.spreads === "both"]);
  }
  const raw = layout(
    of.nodes.length,
    pairs.map(([a, b]) => [a, b] as const),
  );
  const xs = raw.map((point) => point.x);
  const ys = raw.map((point) => point.y);
  const [left, right] = [Math.min(0, ...xs), Math.max(0, ...xs)];
  const [top, bottom] = [Math.min(0, ...ys), Math.max(0, ...ys)];
  const scale = Math.min(
    (WIDE - 3 * EDGE) / (right - left || 1),
    (HIGH - 2.5 * EDGE) / (bottom - top || 1),
    110,
  );
  return {
    points: raw.map((point) => ({
      x: WIDE / 2 + (point.x - (left + right) / 2) * scale,
      y: HIGH / 2 - 8 + (point.y - (top + bottom) / 2) * scale,
    })),
    pairs,
  };
}

const radius = (node: Node | undefined) =>
  !node || node.hop > 0 ? 6 : Math.min(20, 7 + 1.6 * Math.sqrt(node.firing + node.ended));

function edgeOf(from: Point, to: Point, off: number): [number, number] {
  const far = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return [from.x + ((to.x - from.x) * off) / far, from.y + ((to.y - from.y) * off) / far];
}

function said(node: Node, root: boolean): string {
  const kind = tOr(`incident.entity.${node.kind}`, node.kind);
  const parts = [`${kind} ${node.name}`];
  if (root && node.root !== null) parts.push(t("incident.rootAt", { share: percent(node.root) }));
  if (node.hop > 0) parts.push(t("incident.hops", { n: node.hop }));
  else parts.push(t("incident.firingOf", { n: node.firing, all: node.firing + node.ended }), node.priority);
  return parts.join(", ");
}
