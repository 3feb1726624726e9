/** The areas of the console: where each lies, what loads it, and where it stands in the navigation. */

import type { ComponentType } from "preact";
import { whole } from "./words";

export interface Area {
  /** Pattern of its address; parts with a colon are handed to the page. */
  at: string;
  load: () => Promise<{ default: ComponentType<Record<string, string>> }>;
  /** Key of its name in the words; without one it is not in the navigation. */
  name?: string;
  icon?: string;
  /** Key after `g` that goes there. */
  key?: string;
}

type Loader = () => Promise<{ default: unknown }>;

/** The first page, which brings its own words. */
const first = (load: Loader): Area["load"] => load as Area["load"];

/** Any other page, with the words of them all. */
export const page =
  (load: Loader): Area["load"] =>
  async () => {
    const [module] = await Promise.all([load(), whole()]);
    return module as Awaited<ReturnType<Area["load"]>>;
  };

/** In the order of the navigation; the first four are in the bar at the bottom of a phone. */
export const AREAS: readonly Area[] = [
  {
    at: "/",
    load: first(() => import("./pages/incidents")),
    name: "nav.incidents",
    icon: "incidents",
    key: "i",
  },
  { at: "/incidents/:id", load: page(() => import("./pages/incident")) },
  { at: "/oncall", load: page(() => import("./pages/oncall")), name: "nav.oncall", icon: "oncall", key: "o" },
  {
    at: "/delivery",
    load: page(() => import("./pages/delivery")),
    name: "nav.delivery",
    icon: "delivery",
    key: "d",
  },
  {
    at: "/silences",
    load: page(() => import("./pages/silences")),
    name: "nav.silences",
    icon: "silence",
    key: "s",
  },
  { at: "/noise", load: page(() => import("./pages/noise")), name: "nav.noise", icon: "noise", key: "n" },
  { at: "/rules", load: page(() => import("./pages/rules")), name: "nav.rules", icon: "rules", key: "r" },
  {
    at: "/sources",
    load: page(() => import("./pages/sources")),
    name: "nav.sources",
    icon: "sources",
    key: "u",
  },
  {
    at: "/reports",
    load: page(() => import("./pages/reports")),
    name: "nav.reports",
    icon: "reports",
    key: "p",
  },
  { at: "/first", load: page(() => import("./pages/first")), name: "nav.first", icon: "first" },
  { at: "/settings", load: page(() => import("./pages/settings")), name: "nav.settings", icon: "settings" },
  { at: "/m/:module/:page", load: page(() => import("./pages/module")) },
];
