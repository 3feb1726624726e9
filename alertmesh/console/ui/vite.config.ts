import { defineConfig } from "vite";

const server = process.env["ALERTMESH_URL"] ?? "http://127.0.0.1:9393";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: process.env["ALERTMESH_UI"] ?? "../static",
    emptyOutDir: true,
    target: "es2022",
    // The content security policy allows no inline script, and browsers that we build for preload by themselves.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  // Tests look at the styles, too.
  test: { css: true },
  server: { proxy: { "/api": server, "/p": server, "/-": server } },
});
