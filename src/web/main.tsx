// Starts the page: takes the token out of the address, connects the state with the browser, and draws.

import { render } from "preact";
import { browserPorts } from "./browser-ports.ts";
import { HttpApi } from "./http-api.ts";
import { App } from "./parts/app.tsx";
import { followRoute, takeToken } from "./route.ts";
import { Page } from "./state/page.ts";

async function start(root: Element): Promise<void> {
  const api = new HttpApi();
  const token = takeToken();
  if (token !== undefined) await api.signIn(token).catch(() => undefined);
  await api.begin();
  const page: Page = new Page(
    api,
    browserPorts(api, (id) => void page.open(id)),
  );
  followRoute(page);
  page.store.follow(() => {
    if (document.title !== page.title) document.title = page.title;
  });
  const seen = (): void => page.seen();
  document.addEventListener("visibilitychange", seen);
  addEventListener("focus", seen);
  page.start();
  render(<App page={page} signIn={(given) => signIn(api, given)} />, root);
}

/** Signs in with a link, or its token, that the person has pasted. */
async function signIn(api: HttpApi, given: string): Promise<boolean> {
  const token = /[\w-]{43}\s*$/.exec(given)?.[0].trim();
  if (token === undefined) return false;
  return await api.signIn(token).catch(() => false);
}

const root = document.querySelector("#page");
if (root !== null) void start(root);
