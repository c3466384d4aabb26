// The keys of the whole page; `SHORTCUTS` is what the help shows.

import { useEffect } from "preact/hooks";
import type { Page } from "../state/page.ts";

export const SHORTCUTS: readonly (readonly [string, string])[] = [
  ["Ctrl K", "search, and choose a conversation"],
  ["Alt ↓, Alt ↑", "next and previous conversation"],
  ["Enter", "send"],
  ["Shift Enter", "a new line"],
  ["↑ in an empty line", "change your last line, in a room"],
  ["↑ ↓ Home End", "move in the list and among the lines"],
  ["Esc", "back: from a dialog, a reply, a search, to what you write"],
  ["?", "this list"],
];

export function useKeys(page: Page): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || page.view.dialog !== undefined || event.isComposing) return;
      if (handled(page, event)) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [page]);
}

function handled(page: Page, { key, altKey, ctrlKey, metaKey, target }: KeyboardEvent): boolean {
  const isWriting = target instanceof HTMLElement && target.matches("input, textarea, select");
  if ((ctrlKey || metaKey) && key.toLowerCase() === "k") return focusOn("#search");
  if (altKey && (key === "ArrowDown" || key === "ArrowUp")) return neighbour(page, key === "ArrowDown" ? 1 : -1);
  if (key === "?" && !isWriting) {
    page.show({ kind: "help" });
    return true;
  }
  if (key === "Escape") {
    if (page.view.search !== undefined) page.search("");
    return focusOn(".composer textarea");
  }
  return false;
}

function focusOn(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.focus();
  if (element instanceof HTMLInputElement) element.select();
  return element !== null;
}

function neighbour(page: Page, step: number): boolean {
  const { conversations, open } = page.view;
  const at = conversations.findIndex(({ id }) => id === open?.id);
  const next = conversations[at === -1 ? 0 : at + step];
  if (next !== undefined) void page.open(next.id);
  return true;
}
