import { render } from "preact";
import { App } from "./app";
import "./tokens.css";
import "./base.css";
import { enter } from "./session";
import { ready } from "./words";

const root = document.getElementById("app");
if (root) {
  await Promise.allSettled([ready(), enter()]);
  render(<App />, root);
}
