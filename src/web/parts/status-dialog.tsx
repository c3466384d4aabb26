// How things are with the program.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { waitingPhrase } from "../../ui/retention-phrases.ts";
import { shownName } from "../state/names.ts";
import { Facts, Section } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { UnknownKeys } from "./unknown-keys.tsx";
import { usePage } from "./use-page.ts";

export function StatusDialog(): JSX.Element {
  const { page, view } = usePage();
  const { status } = view;
  const hubs = view.peers.filter(({ hub }) => hub === true);
  useEffect(() => void page.refresh(), []);
  return (
    <Dialog title="Status">
      {status !== undefined && (
        <>
          <Facts
            facts={[
              ["Program", `${status.program} ${status.version}`],
              ["You are", <span class="fingerprint">{status.fingerprint}</span>],
              ...(status.listening === undefined ? [] : [["Listening at", status.listening] as const]),
              ["Connected", `${status.connected} of ${status.conversations}`],
              ["Waiting", status.waiting === 0 ? "nothing" : waitingPhrase(status.waiting)],
              ["Unread", String(status.unread)],
              ["Messages", status.store === "file" ? "survive a restart" : "are lost when the program ends"],
              ["Cryptography", status.cryptography],
              ["This page", view.link.name === "open" ? "connected" : "not connected"],
            ]}
          />
          {status.program === "lair-server" && <UnknownKeys />}
          {hubs.length > 0 && (
            <Section title="Hubs">
              <ul class="plain-list">
                {hubs.map(({ id, name, state }) => (
                  <li key={id}>
                    <span>
                      <bdi>{shownName(name)}</bdi>, {state === "away" ? "offline" : state}
                    </span>
                    <button type="button" class="button" onClick={() => page.show({ kind: "person", id })}>
                      About this hub
                    </button>
                  </li>
                ))}
              </ul>
            </Section>
          )}
        </>
      )}
    </Dialog>
  );
}
