// What the state of the page needs, from a browser. Drafts are what the person has written, in the clear: they stay in
// sessionStorage, which ends with the tab, and are never sent anywhere.

import type { Link, PagePorts, Texts } from "./state/ports.ts";

function storageTexts(storage: Storage, prefix: string): Texts {
  return {
    get: (name) => storage.getItem(prefix + name) ?? undefined,
    set: (name, text) => {
      try {
        if (text === "") storage.removeItem(prefix + name);
        else storage.setItem(prefix + name, text);
      } catch {
        // Full, or forbidden: then it is forgotten.
      }
    },
  };
}

/** `open`: opens a conversation, when its notification is clicked. */
export function browserPorts(link: Link, open: (id: string) => void): PagePorts {
  const settings = storageTexts(localStorage, "lair-setting-");
  return {
    link,
    clock: {
      nowMs: () => Date.now(),
      later: (delayMs, action) => {
        const timer = setTimeout(action, delayMs);
        return () => clearTimeout(timer);
      },
    },
    drafts: storageTexts(sessionStorage, "lair-draft-"),
    settings,
    isLookedAt: () => !document.hidden && document.hasFocus(),
    notify: ({ conversation, title, text }) => {
      if (settings.get("notify") !== "on" || !("Notification" in globalThis)) return;
      if (Notification.permission !== "granted") return;
      const body = settings.get("notify-text") === "on" ? text : "has said something";
      const shown = new Notification(title, { body, tag: conversation });
      shown.addEventListener("click", () => {
        window.focus();
        open(conversation);
        shown.close();
      });
    },
    newKey: () => crypto.randomUUID().replaceAll("-", ""),
  };
}
