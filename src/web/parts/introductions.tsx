// Introductions that want an answer.

import type { JSX } from "preact";
import { shownName } from "../state/names.ts";
import { usePage } from "./use-page.ts";

export function Introductions(): JSX.Element | null {
  const { page, view } = usePage();
  if (view.introductions.length === 0) return null;
  const answer = async (introduction: string, accept: boolean): Promise<void> => {
    await page.attempt("answerIntroduction", { introduction, accept });
    await page.refresh();
  };
  return (
    <ul class="requests" aria-label="Introductions">
      {view.introductions.map(({ id, who, by }) => (
        <li key={id} class="request">
          <p>
            <bdi>{shownName(by.name)}</bdi> introduces <bdi>{shownName(who.name)}</bdi>.
          </p>
          <p class="hint">If you both accept, you connect directly.</p>
          <div class="buttons">
            <button type="button" class="button button-main" onClick={() => void answer(id, true)}>
              Accept
            </button>
            <button type="button" class="button" onClick={() => void answer(id, false)}>
              Decline
            </button>
          </div>
        </li>
      ))}
    </ul>
  );
}
