// At a server with a psk file: who knows the psk, and is not let in before the person has compared the words.

import type { JSX } from "preact";
import { personName, shownName } from "../state/names.ts";
import { Confirm, Section } from "./controls.tsx";
import { useAnswer } from "./use-answer.ts";
import { usePage } from "./use-page.ts";

export function UnknownKeys(): JSX.Element | null {
  const { page } = usePage();
  const [answer, ask] = useAnswer("unknownKeys", {});
  const keys = answer?.keys ?? [];
  if (keys.length === 0) return null;
  const trust = async (key: string): Promise<void> => {
    const peer = await page.attempt("trustKey", { key });
    if (peer === undefined) return;
    page.notice({ tone: "info", text: `${personName(peer)} can connect from now on.` });
    await Promise.all([ask(), page.refresh()]);
  };
  return (
    <Section title="Keys that you have not accepted">
      <p class="hint">
        Somebody knows the psk, and has a key that is not known here. Ask them, by another channel, whether the words
        match.
      </p>
      <ul class="plain-list">
        {keys.map(({ id, name, fingerprint, words }) => (
          <li key={id}>
            <div>
              <bdi>{name === "" ? "Without a name" : shownName(name)}</bdi>
              <p class="fingerprint">{fingerprint}</p>
              <p>{words.join(" ")}</p>
              <Confirm
                label="Accept this key"
                question="Who has this key can connect from now on. Do the words match?"
                onYes={() => void trust(id)}
              />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
