// About a person: who it is, what it is called here, and the end of it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ConversationJson, PeerJson } from "../../app/api/views.ts";
import { byteCount, calendarDate, duration, roundTrip } from "../../ui/phrases.ts";
import { forgottenPhrase, peerForgottenPhrase } from "../../ui/retention-phrases.ts";
import { shownName } from "../state/names.ts";
import { conversationWithId } from "../state/view.ts";
import { timerWords } from "../state/words.ts";
import { Confirm, Facts, Field, Section, Switch, TimerChoice } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { ExportButton } from "./export-button.tsx";
import { useAnswer } from "./use-answer.ts";
import { usePage } from "./use-page.ts";

export function PersonDialog({ id }: { readonly id: string }): JSX.Element | null {
  const { page, view } = usePage();
  const conversation = conversationWithId(view, id);
  const peer = view.peers.find((one) => one.id === id) ?? conversation?.peer;
  if (peer === undefined) return null;
  const change = async (input: { readonly name?: string; readonly muted?: boolean }): Promise<void> => {
    await page.attempt("changePeer", { peer: id, ...input });
    await page.refresh();
  };
  return (
    <Dialog title={shownName(peer.name)}>
      <Facts
        facts={[
          ["Fingerprint", <span class="fingerprint">{peer.fingerprint}</span>],
          ["Paired", calendarDate(Date.parse(peer.paired))],
          ...(peer.introducedBy === undefined ? [] : [["Introduced by", shownName(peer.introducedBy)] as const]),
          [
            "Words",
            peer.verified === undefined ? "not compared yet" : `compared ${calendarDate(Date.parse(peer.verified))}`,
          ],
        ]}
      />
      <div class="buttons">
        <button
          type="button"
          class={peer.verified === undefined ? "button button-main" : "button"}
          onClick={() => page.show({ kind: "verify", who: id })}
        >
          Compare words
        </button>
        {view.peers.length > 1 && peer.hub !== true && (
          <button type="button" class="button" onClick={() => page.show({ kind: "introduce", id })}>
            Introduce
          </button>
        )}
      </div>
      <Section title="Here">
        <Field
          label="Name, on your side only"
          value={peer.name}
          action="Rename"
          onSubmit={(name) => void change({ name })}
        />
        <Switch
          label="Muted"
          hint="This program does not connect by itself, and does not notify you. It does not keep anybody out."
          isOn={peer.muted === true}
          onChange={(muted) => change({ muted })}
        />
        {conversation !== undefined && (
          <TimerChoice
            seconds={conversation.timerSeconds}
            words={timerWords}
            onChange={(seconds) => page.setTimer(id, seconds)}
          />
        )}
      </Section>
      {(conversation !== undefined || peer.hub === true) && (
        <Section title="Connection">
          {conversation !== undefined && <Connection conversation={conversation} />}
          <Repairs id={id} name={shownName(peer.name)} hasNumbers={conversation !== undefined} />
        </Section>
      )}
      {conversation !== undefined && (
        <Section title="History">
          <div class="buttons">
            <ExportButton id={id} />
            <Confirm
              label="Delete the history"
              question={`Delete every line kept with ${shownName(peer.name)}? Only on this side: what ${shownName(peer.name)} keeps stays.`}
              onYes={() => {
                void page.attempt("forgetHistory", { conversation: id }).then((done) => {
                  if (done !== undefined)
                    page.notice({ tone: "info", text: forgottenPhrase(done.count, shownName(peer.name)) });
                });
              }}
            />
          </div>
        </Section>
      )}
      <Section title="End the pairing">
        <Forget peer={peer} />
      </Section>
    </Dialog>
  );
}

function Forget({ peer }: { readonly peer: PeerJson }): JSX.Element {
  const { page } = usePage();
  const [history, setHistory] = useState(false);
  const name = shownName(peer.name);
  const what = history ? "The history and what is waiting are deleted too." : "The history and what is waiting stay.";
  const forget = async (): Promise<void> => {
    if ((await page.attempt("forgetPeer", { peer: peer.id, history })) === undefined) return;
    page.show(undefined);
    page.notice({ tone: "info", text: peerForgottenPhrase(history, name) });
    await page.refresh();
  };
  return (
    <>
      <Switch label="Delete the history too" isOn={history} onChange={setHistory} />
      <Confirm
        label={`Forget ${name}`}
        question={`End the pairing with ${name}? To talk again you need a new invite. ${what}`}
        onYes={() => void forget()}
      />
    </>
  );
}

interface RepairsProps {
  readonly id: string;
  readonly name: string;
  readonly hasNumbers: boolean;
}

/** What is seldom needed: another address, and numbers that begin again. */
function Repairs({ id, name, hasNumbers }: RepairsProps): JSX.Element {
  const { page } = usePage();
  const command = async (input: Readonly<Record<string, unknown>>, text: string): Promise<void> => {
    if ((await page.attempt("command", input)) === undefined) return;
    page.notice({ tone: "info", text });
  };
  return (
    <details>
      <summary>If you cannot reach {name}</summary>
      <div class="inside">
        <Field
          label="Another address"
          value=""
          action="Change"
          clears
          hint="Where this program finds the other one, such as ws://chat.example:8080."
          onSubmit={(url) => void command({ command: "address", who: id, url }, `The address of ${name} was changed.`)}
        />
        {hasNumbers && (
          <Confirm
            label="Restart the numbers"
            question={`Restart the message numbers with ${name}? Do this only if the other side refuses your messages.`}
            onYes={() => void command({ command: "renumber", to: id }, `The message numbers with ${name} start again.`)}
          />
        )}
      </div>
    </details>
  );
}

function Connection({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const [answer] = useAnswer("conversationStatus", { conversation: conversation.id });
  const number = (name: string): number | undefined => {
    const value = answer?.[name];
    return typeof value === "number" ? value : undefined;
  };
  const text = (name: string): string | undefined => {
    const value = answer?.[name];
    return typeof value === "string" ? value : undefined;
  };
  return (
    <Facts
      facts={[
        ["State", conversation.state === "away" ? "offline" : conversation.state],
        ...shown("Waiting", conversation.waiting, same),
        ...shown("Address", text("url"), same),
        ...shown("Round trip", number("roundTripMs"), roundTrip),
        ...shown("Keys", number("keyAgeMs"), (ms) => `${duration(ms)} old, renewed ${times(number("rekeys") ?? 0)}`),
        ...shown("Sent", number("bytesSent"), byteCount),
        ...shown("Received", number("bytesReceived"), byteCount),
        ...shown("Protocol", text("suite"), same),
      ]}
    />
  );
}

/** A fact, if it is known. */
function shown<Value>(
  label: string,
  value: Value | undefined,
  words: (value: Value) => string,
): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[label, words(value)]];
}

function same(value: string | number): string {
  return String(value);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
