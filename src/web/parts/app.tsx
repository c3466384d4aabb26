// The whole page: the list, the conversation, what lies above both.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../state/page.ts";
import { ConversationPane } from "./conversation-pane.tsx";
import { Dialogs } from "./dialogs.tsx";
import { useKeys } from "./keys.ts";
import { Notices } from "./notices.tsx";
import { Sidebar } from "./sidebar.tsx";
import { SignedOut } from "./signed-out.tsx";
import { PageContext } from "./use-page.ts";
import { Welcome } from "./welcome.tsx";

interface AppProps {
  readonly page: Page;
  readonly signIn: (link: string) => Promise<boolean>;
}

export function App({ page, signIn }: AppProps): JSX.Element {
  const [view, setView] = useState(page.view);
  useEffect(() => {
    setView(page.view);
    return page.store.follow(() => setView(page.view));
  }, [page]);
  useKeys(page);
  useFocus(view.open?.id);
  if (view.link.name === "signed-out") return <SignedOut program={view.status?.program} signIn={signIn} />;
  const isOpen = view.open !== undefined;
  const isLost = view.link.name === "lost";
  return (
    <PageContext.Provider value={{ page, view }}>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the conversation
      </a>
      <div class={`app${isOpen ? " app-open" : ""}${isLost ? " app-lost" : ""}`}>
        <Sidebar />
        <main id="main" class="main" tabIndex={-1}>
          {view.open === undefined ? <Welcome /> : <ConversationPane key={view.open.id} />}
        </main>
      </div>
      {view.dialog === undefined ? <Notices /> : <Dialogs />}
      <div class="unseen" aria-live="polite" role="status">
        {view.spoken}
      </div>
    </PageContext.Provider>
  );
}

/** What has the focus goes when another conversation is open, or none: on a phone the list goes, too. */
function useFocus(open: string | undefined): void {
  const before = useRef(open);
  useEffect(() => {
    const left = before.current;
    before.current = open;
    const at = document.activeElement;
    const isLost = at === null || at === document.body || at.getClientRects().length === 0;
    if (left === open || !isLost) return;
    const place = open === undefined ? `.entry[data-id="${CSS.escape(left ?? "")}"]` : "#main";
    document.querySelector<HTMLElement>(place)?.focus({ preventScroll: true });
  }, [open]);
}

/** The address belongs to the conversation that is open. */
function skip(event: Event): void {
  event.preventDefault();
  const target =
    document.querySelector<HTMLElement>(".composer textarea") ?? document.querySelector<HTMLElement>("#main");
  target?.focus();
}
