// The words that two people compare once, in large letters.

import type { JSX } from "preact";
import { calendarDate } from "../../ui/phrases.ts";
import { shownName } from "../state/names.ts";
import { Dialog } from "./dialog.tsx";
import { useAnswer } from "./use-answer.ts";
import { usePage } from "./use-page.ts";

export function VerifyDialog({ who }: { readonly who: string }): JSX.Element {
  const { page, view } = usePage();
  const [answer] = useAnswer("words", { peer: who });
  const isPeer = view.peers.some(({ id }) => id === who);
  const name = answer === undefined ? "" : shownName(answer.who.name);
  const done = async (): Promise<void> => {
    if ((await page.attempt("verified", { peer: who })) === undefined) return;
    await page.refresh();
    page.show(undefined);
    page.notice({ tone: "info", text: `You have compared the words with ${name}.` });
  };
  return (
    <Dialog title="Compare the words" class="dialog-wide">
      {answer !== undefined && (
        <>
          <p>
            Call <bdi>{name}</bdi> by phone, or meet. You both see the same words if nobody is in between. Read them to
            each other.
          </p>
          <ol class="words" aria-label="Words">
            {answer.words.map((word, at) => (
              <li key={at}>{word}</li>
            ))}
          </ol>
          {answer.verified !== undefined && (
            <p class="hint">You have compared them on {calendarDate(Date.parse(answer.verified))}.</p>
          )}
          <div class="buttons">
            {isPeer && (
              <button type="button" class="button button-main" onClick={() => void done()}>
                They are the same
              </button>
            )}
            <button type="button" class="button" onClick={() => page.show(undefined)}>
              {isPeer ? "Not now" : "Close"}
            </button>
          </div>
          <p class="hint">
            If they differ, somebody may be intercepting the connection: end the pairing, and pair again with a new
            invite that you hand over another way.
          </p>
          <details>
            <summary>Fingerprints</summary>
            <dl class="facts">
              <div>
                <dt>You</dt>
                <dd class="fingerprint">{answer.own}</dd>
              </div>
              <div>
                <dt dir="auto">{name}</dt>
                <dd class="fingerprint">{answer.who.fingerprint}</dd>
              </div>
            </dl>
          </details>
        </>
      )}
    </Dialog>
  );
}
