// Whether what is written goes anywhere now: said where the prompt of the terminal says it, above what is written.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ConversationJson } from "../../app/api/views.ts";
import { whenPhrase } from "../../ui/retention-phrases.ts";
import { conversationName, personName, shownName } from "../state/names.ts";
import type { LinkState } from "../state/ports.ts";
import { typistsIn } from "../state/typing.ts";
import { programName } from "../state/words.ts";
import { usePage } from "./use-page.ts";

export function LinkBanner({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { page, view } = usePage();
  const { link } = view;
  const typing = typistsIn(view.typing, conversation.id).map(personName);
  return (
    <div class="banner" role="status">
      {link.name === "lost" ? (
        <p class="banner-lost">
          {programName(view.status)} does not answer. <Retry link={link} />{" "}
          <button type="button" class="link" onClick={() => page.ports.link.retry()}>
            Try now
          </button>
        </p>
      ) : (
        <>
          {awayPhrase(conversation) !== "" && <p>{awayPhrase(conversation)}</p>}
          {typing.length > 0 && (
            <p class="banner-typing">
              <bdi>{typing.length === 1 ? typing[0] : String(typing.length)}</bdi>{" "}
              {typing.length === 1 ? "types" : "type"}
            </p>
          )}
        </>
      )}
    </div>
  );
}

function Retry({ link }: { readonly link: Extract<LinkState, { name: "lost" }> }): JSX.Element {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [link]);
  return <span aria-hidden="true">Trying again {whenPhrase(link.retryAtMs - nowMs)}.</span>;
}

function awayPhrase(conversation: ConversationJson): string {
  const { state, peer, room, kind } = conversation;
  if (state === "connected" || room?.standing === "over" || room?.standing === "invited") return "";
  const name = conversationName(conversation);
  if (peer?.awaited === true) return "";
  if (peer?.muted === true)
    return `${name} is muted: this program does not connect to ${name} by itself. What you say waits.`;
  const who = kind === "person" ? name : `The hub ${shownName(room?.hub ?? "")}`;
  return state === "connecting"
    ? `Connecting to ${kind === "person" ? name : "the hub"}. What you say waits.`
    : `${who} is offline. What you say waits.`;
}
