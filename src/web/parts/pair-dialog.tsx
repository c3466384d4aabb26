// To get to know somebody: an invite that was given, or one to give.

import type { JSX } from "preact";
import { comingMoment } from "../../ui/phrases.ts";
import { Section } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { useAnswer } from "./use-answer.ts";
import { usePage } from "./use-page.ts";
import { MadeInvite, PasteInvite } from "./welcome.tsx";

export function PairDialog(): JSX.Element {
  const { view } = usePage();
  return (
    <Dialog title="Add somebody">
      <Section title="You have an invite">
        <PasteInvite autofocus />
      </Section>
      {view.status?.makesInvites === true ? (
        <Section title="You invite somebody">
          <MadeInvite />
          <OpenInvites />
        </Section>
      ) : (
        <p class="hint">
          This program goes to others; lair-server waits for them, and makes invites. Two people who both know somebody
          can be introduced by that one.
        </p>
      )}
    </Dialog>
  );
}

function OpenInvites(): JSX.Element | null {
  const { page, view } = usePage();
  const [answer, ask] = useAnswer("invites", {});
  if (answer === undefined || answer.invites.length === 0) return null;
  const revoke = async (invite: string): Promise<void> => {
    await page.attempt("revokeInvite", { invite });
    await ask();
  };
  return (
    <>
      <h4>Not used yet</h4>
      <ul class="plain-list">
        {answer.invites.map(({ id, expires }) => (
          <li key={id}>
            <span>works until {comingMoment(Date.parse(expires), view.nowMs)}</span>
            <button type="button" class="button" onClick={() => void revoke(id)}>
              Take back
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
