// The address of the page: "#TOKEN" once, and "#/ID" for the conversation that is open, so that the browser's "back" leads
// to the list and a reload to the same place.

import type { Page } from "./state/page.ts";

/** The token in the address; it is taken out. */
export function takeToken(): string | undefined {
  const token = /^#([\w-]{43})$/.exec(location.hash)?.[1];
  if (token !== undefined) history.replaceState(null, "", location.pathname);
  return token;
}

/** Keeps the address and the open conversation together. */
export function followRoute(page: Page): void {
  const follow = (): void => {
    const id = routed();
    if (id === undefined) page.close();
    else if (id !== page.view.open?.id) void page.open(id);
  };
  addEventListener("popstate", follow);
  page.store.follow(() => {
    const id = page.view.open?.id;
    if (id === routed()) return;
    const address = id === undefined ? location.pathname : `#/${id}`;
    // One step back is always the list.
    if (id !== undefined && routed() === undefined) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  });
  const first = routed();
  if (first !== undefined) page.openFirst(first);
}

/** The conversation in the address. */
function routed(): string | undefined {
  return /^#\/(\w+)$/.exec(location.hash)?.[1];
}
