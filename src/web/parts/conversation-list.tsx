// The list of conversations. One of its entries is in the order of Tab; the arrow keys move among them.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { ConversationJson } from "../../app/api/views.ts";
import { lookAlikes } from "../state/conversations.ts";
import { conversationName, personName, shownRow } from "../state/names.ts";
import { shortWhen, wholeWhen } from "../state/words.ts";
import { typistsIn } from "../state/typing.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { memo } from "./memo.ts";
import { usePage } from "./use-page.ts";

export function ConversationList({
  conversations,
}: {
  readonly conversations: readonly ConversationJson[];
}): JSX.Element {
  const { page, view } = usePage();
  const alike = useMemo(() => lookAlikes(conversations), [conversations]);
  const current = conversations.find(({ id }) => id === view.open?.id) ?? conversations[0];
  return (
    <ul class="entries" onKeyDown={moveInList}>
      {conversations.map((one) => (
        <Entry
          key={one.id}
          conversation={one}
          isOpen={one.id === view.open?.id}
          isCurrent={one === current}
          isAlike={alike.has(one.id)}
          typing={typistsIn(view.typing, one.id).map(personName).join(", ")}
          today={new Date(view.nowMs).toDateString()}
          open={page.openConversation}
        />
      ))}
    </ul>
  );
}

/** Arrow keys, Home and End in a list of entries. */
export function moveInList(event: KeyboardEvent): void {
  const list = event.currentTarget;
  if (!(list instanceof HTMLElement)) return;
  const all = [...list.querySelectorAll<HTMLElement>(".entry")];
  const at = all.findIndex((one) => one === document.activeElement);
  const last = all.length - 1;
  const next = { ArrowDown: Math.min(at + 1, last), ArrowUp: at - 1, Home: 0, End: last }[event.key];
  if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (next < 0) document.querySelector<HTMLElement>("#search")?.focus();
  else all[next]?.focus();
}

interface EntryProps {
  readonly conversation: ConversationJson;
  readonly isOpen: boolean;
  readonly isCurrent: boolean;
  readonly isAlike: boolean;
  readonly typing: string;
  /** Times are worded by it. */
  readonly today: string;
  readonly open: (id: string) => void;
}

const Entry = memo(({ conversation, isOpen, isCurrent, isAlike, typing, open }: EntryProps): JSX.Element => {
  const { id, kind, state, unread, waiting, last, peer, room } = conversation;
  const name = conversationName(conversation);
  const atMs = last === undefined ? undefined : Date.parse(last.at);
  const isAway = state !== "connected" && room?.standing !== "over";
  return (
    <li>
      <button
        type="button"
        class={`entry${isOpen ? " entry-open" : ""}${unread > 0 ? " entry-unread" : ""}`}
        aria-current={isOpen ? "true" : undefined}
        data-id={id}
        tabIndex={isCurrent ? 0 : -1}
        onClick={() => (isOpen ? document.querySelector<HTMLElement>(".composer textarea")?.focus() : open(id))}
      >
        <Avatar name={name} id={id} isRoom={kind === "room"} isConnected={!isAway && kind === "person"} />
        <span class="entry-middle">
          <span class="entry-top">
            <bdi class="entry-name" dir="auto">
              {name}
            </bdi>
            {isAlike && <span class="entry-key">{id.slice(0, 4)}</span>}
            {peer?.muted === true && (
              <span class="entry-sign">
                <Icon name="muted" />
                <span class="unseen">muted</span>
              </span>
            )}
            {atMs !== undefined && (
              <time class="entry-time" dateTime={last?.at} title={wholeWhen(atMs)}>
                {shortWhen(atMs, Date.now())}
              </time>
            )}
          </span>
          <span class="entry-bottom">
            <span class="entry-last">
              <span class="own-way" dir="auto">
                {typing === "" ? lastWords(conversation) : <em>{typing} types</em>}
              </span>
            </span>
            {isAway && waiting === 0 && (
              <span class="entry-state">{state === "connecting" ? "connecting" : "offline"}</span>
            )}
            {waiting > 0 && <span class="entry-state">{waiting} waiting</span>}
            {unread > 0 && (
              <span class="badge">
                {unread > 999 ? "999+" : unread}
                <span class="unseen"> unread</span>
              </span>
            )}
            {room?.standing === "invited" && <span class="badge">invited</span>}
          </span>
        </span>
      </button>
    </li>
  );
});

/** What was said last, or how it stands. */
function lastWords({ last, room, peer, kind }: ConversationJson): string {
  if (room?.standing === "invited") return room.by === undefined ? "invited" : `${personName(room.by)} invites you`;
  if (room?.standing === "waiting") return "waiting to be let in";
  if (room?.standing === "over") return "no longer a member";
  if (peer?.awaited === true) return "introduced, not connected yet";
  if (last === undefined) return kind === "person" ? "paired" : "";
  const text = last.deleted === true ? "deleted" : shownRow(last.text);
  if (last.from.self === true) return `you: ${text}`;
  return kind === "room" ? `${personName(last.from)}: ${text}` : text;
}
