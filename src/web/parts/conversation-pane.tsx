// The conversation that is open: who it is with, what was said, what is said next.

import type { JSX } from "preact";
import type { ConversationJson } from "../../app/api/views.ts";
import { conversationName, personName, shownName, shownRow } from "../state/names.ts";
import { typistsIn } from "../state/typing.ts";
import { conversationWithId } from "../state/view.ts";
import { peopleCount, standingPhrase, timerWords } from "../state/words.ts";
import { Avatar } from "./avatar.tsx";
import { Composer } from "./composer.tsx";
import { Confirm } from "./controls.tsx";
import { Icon, IconButton } from "./icon.tsx";
import { LinkBanner } from "./link-banner.tsx";
import { Timeline } from "./timeline.tsx";
import { usePage } from "./use-page.ts";

export function ConversationPane(): JSX.Element | null {
  const { view } = usePage();
  const conversation = conversationWithId(view, view.open?.id);
  if (view.open === undefined || conversation === undefined) return null;
  return (
    <section class="pane" aria-label={conversationName(conversation)}>
      <Head conversation={conversation} />
      <Timeline key={view.open.id} conversation={conversation} open={view.open} nowMs={view.nowMs} />
      <LinkBanner conversation={conversation} />
      <Foot conversation={conversation} />
    </section>
  );
}

function Head({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { page } = usePage();
  const { id, kind, peer, room, timerSeconds, state } = conversation;
  const name = conversationName(conversation);
  const details = (): void => page.show(kind === "person" ? { kind: "person", id } : { kind: "room", id });
  return (
    <header class="head">
      <IconButton name="back" label="Back to the list" class="head-back" onClick={() => page.close()} />
      <Avatar name={name} id={id} isRoom={kind === "room"} isConnected={kind === "person" && state === "connected"} />
      <div class="head-middle">
        <h1>
          <span class="own-way" dir="auto">
            {name}
          </span>
        </h1>
        <p class="head-below">
          <span class="own-way" dir="auto">
            <Below conversation={conversation} />
          </span>
        </p>
      </div>
      {timerSeconds > 0 && (
        <span class="head-timer" title={`Lines disappear after ${timerWords(timerSeconds)}`}>
          <Icon name="timer" />
          <span class="unseen">lines disappear after </span>
          {timerWords(timerSeconds)}
        </span>
      )}
      {peer !== undefined && peer.verified === undefined && peer.awaited !== true && (
        <button type="button" class="button head-verify" onClick={() => page.show({ kind: "verify", who: id })}>
          <Icon name="shield" />
          <span>Compare words</span>
        </button>
      )}
      {room?.standing !== "invited" && (
        <IconButton name="info" label={kind === "person" ? "About this person" : "About this room"} onClick={details} />
      )}
    </header>
  );
}

function Below({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { view } = usePage();
  const { id, peer, room, kind } = conversation;
  const typing = typistsIn(view.typing, id).map(personName);
  const standing = standingPhrase(conversation, typing);
  if (peer !== undefined) {
    const compared = peer.verified === undefined ? "words not compared yet" : "words compared";
    const vouched = peer.introducedBy === undefined ? [] : [`introduced by ${shownName(peer.introducedBy)}`];
    return <>{[...(standing === "" ? [] : [standing]), compared, ...vouched].join(" · ")}</>;
  }
  const size = kind === "room" ? peopleCount(room?.members ?? 0) : "room of two";
  const count = room?.standing === "joined" ? [size] : [];
  const topic = room === undefined || room.topic === "" ? [] : [shownRow(room.topic)];
  return <>{[...(standing === "" ? [] : [standing]), ...count, ...topic].join(" · ")}</>;
}

function Foot({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { page } = usePage();
  const { id, room, peer } = conversation;
  const name = conversationName(conversation);
  if (room?.standing === "invited") {
    const answer = async (accept: boolean): Promise<void> => {
      await page.attempt("answerInvitation", { conversation: id, accept });
      await page.refresh();
    };
    return (
      <div class="foot foot-asked">
        <p>
          <bdi>{room.by === undefined ? "Somebody" : shownName(room.by.name)}</bdi> invites you to <bdi>{name}</bdi>.
        </p>
        <div class="buttons">
          <button type="button" class="button button-main" onClick={() => void answer(true)}>
            Accept
          </button>
          <button type="button" class="button" onClick={() => void answer(false)}>
            Decline
          </button>
        </div>
      </div>
    );
  }
  if (room?.standing === "over") {
    return (
      <div class="foot foot-asked">
        <p>You are not in this room any more. What was said stays here.</p>
        <Confirm
          label="Forget this room"
          question="Its history is deleted here. Forget the room?"
          onYes={() => void page.attempt("leave", { conversation: id })}
        />
      </div>
    );
  }
  if (room?.standing === "waiting") {
    return <p class="foot foot-words">You have asked to be let in. An admin or moderator decides.</p>;
  }
  if (room?.isAnnouncement === true && room.role === "member") {
    return <p class="foot foot-words">Only admins and moderators speak here.</p>;
  }
  if (peer?.awaited === true) {
    return <p class="foot foot-words">You were introduced, but are not connected yet. You can write once you are.</p>;
  }
  return <Composer conversation={conversation} />;
}
