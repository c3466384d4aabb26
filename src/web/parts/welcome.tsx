// The main place while no conversation is open: the first start, and the time after.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { InviteJson } from "../../app/api/views.ts";
import { isForThisMachine } from "../../core/identity/invite-reach.ts";
import { comingMoment } from "../../ui/phrases.ts";
import type { Page } from "../state/page.ts";
import { Field } from "./controls.tsx";
import { InviteCard } from "./invite-card.tsx";
import { Wordmark } from "./signed-out.tsx";
import { usePage } from "./use-page.ts";

export function Welcome(): JSX.Element | null {
  const { view } = usePage();
  const { status, conversations, peers } = view;
  if (status === undefined) return <LinkLost />;
  if (conversations.length > 0) return <Idle />;
  if (peers.length > 0) return <OnlyHubs />;
  return status.makesInvites ? <FirstServer /> : <FirstClient />;
}

function LinkLost(): JSX.Element {
  const { view } = usePage();
  return <div class="idle">{view.link.name === "lost" ? "Lair does not answer. Trying again." : ""}</div>;
}

function Idle(): JSX.Element {
  return (
    <div class="idle">
      <Wordmark />
      <p>Choose a conversation.</p>
    </div>
  );
}

function FirstClient(): JSX.Element {
  return (
    <div class="alone">
      <div class="card">
        <h1>Paste an invite</h1>
        <p>
          Somebody who runs Lair gives you an invite. It connects the two of you, and nobody in between can read along.
        </p>
        <PasteInvite autofocus />
      </div>
    </div>
  );
}

function FirstServer(): JSX.Element {
  return (
    <div class="alone">
      <div class="card">
        <h1>Invite somebody</h1>
        <MadeInvite isAtOnce />
        <p class="hint" role="status">
          Waiting for somebody to use it. This page changes by itself.
        </p>
      </div>
      <div class="card card-quiet">
        <h2>Or paste an invite</h2>
        <PasteInvite />
      </div>
    </div>
  );
}

function OnlyHubs(): JSX.Element {
  const { page } = usePage();
  return (
    <div class="alone">
      <div class="card">
        <h1>You are a member of a hub</h1>
        <p>Make a room, look at the listed ones, or paste a link to one.</p>
        <div class="buttons">
          <button type="button" class="button button-main" onClick={() => page.show({ kind: "new-room" })}>
            New room
          </button>
          <button type="button" class="button" onClick={() => page.show({ kind: "listed" })}>
            Rooms of the hub
          </button>
        </div>
        <PasteInvite />
      </div>
    </div>
  );
}

/** A place to paste an invite of a person or a hub, or a link to a room. */
export function PasteInvite({ autofocus = false }: { readonly autofocus?: boolean }): JSX.Element {
  const { page, view } = usePage();
  const [hasTried, setTrying] = useState(false);
  const isTrying = hasTried && !view.notices.some(({ tone }) => tone === "problem");
  const join = async (link: string): Promise<void> => {
    setTrying(true);
    const answer = await page.attempt("join", { link });
    if (answer === undefined) setTrying(false);
    await page.refresh();
  };
  return (
    <>
      <Field
        label="Invite of a person or a hub, or link to a room"
        value=""
        action="Connect"
        isArea
        autofocus={autofocus}
        hint="It begins with lair://. Text around it does no harm."
        onSubmit={(link) => void join(link)}
      />
      <p class="hint" role="status">
        {isTrying ? "Connecting. This can take a moment." : ""}
      </p>
    </>
  );
}

/** Makes an invite and shows it; `isAtOnce`: without being asked to. */
export function MadeInvite({ isAtOnce = false }: { readonly isAtOnce?: boolean }): JSX.Element {
  const { page, view } = usePage();
  const [made, setMade] = useState<InviteJson | undefined>(undefined);
  const make = async (): Promise<void> => {
    const kept = isAtOnce ? await keptInvite(page) : undefined;
    const next = kept ?? (await page.attempt("makeInvite", {}));
    if (next === undefined) return;
    setMade(next);
    page.ports.drafts.set(KEPT, JSON.stringify(next));
  };
  useEffect(() => {
    if (isAtOnce) void make();
  }, []);
  if (made?.invite === undefined) {
    return (
      <button type="button" class="button button-main" onClick={() => void make()}>
        Make an invite
      </button>
    );
  }
  const until = comingMoment(Date.parse(made.expires), view.nowMs);
  const intro = `Give this invite to one person. It works once, until ${until}.`;
  const reach = isForThisMachine(made.invite) ? " It works on this machine only." : "";
  return <InviteCard text={made.invite} intro={intro + reach} label="Invite" />;
}

/** With the drafts, so that a reload of the page makes no further invite. */
const KEPT = "invite";

async function keptInvite(page: Page): Promise<InviteJson | undefined> {
  const kept = page.ports.drafts.get(KEPT);
  const open = kept === undefined ? undefined : await page.attempt("invites", {});
  if (kept === undefined || open === undefined) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was written above
  const invite = JSON.parse(kept) as InviteJson;
  return open.invites.some(({ id }) => id === invite.id) ? invite : undefined;
}
