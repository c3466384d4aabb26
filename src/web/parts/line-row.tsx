// A line of a conversation: who, what, when, what it answers, how it stands, what others think of it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ConversationJson, MessageJson, RoleJson } from "../../app/api/views.ts";
import { clockTime } from "../../ui/phrases.ts";
import { colourOf, personName, shownName, shownRow, shownText } from "../state/names.ts";
import type { Page } from "../state/page.ts";
import { isFewEmoji, textBlocks } from "../state/text-parts.ts";
import { stateOfLine, wholeWhen } from "../state/words.ts";
import { Avatar, COLOURS } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { LineActions } from "./line-actions.tsx";
import { memo } from "./memo.ts";
import { TextParts } from "./text.tsx";

interface LineRowProps {
  readonly line: MessageJson;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly answered: MessageJson | undefined;
  readonly conversation: string;
  readonly kind: ConversationJson["kind"];
  readonly role: RoleJson | undefined;
  readonly isActive: boolean;
  /** It was jumped to. */
  readonly isFound: boolean;
  /** Names, one in each row. */
  readonly readBy: string;
  readonly nowMs: number;
  readonly page: Page;
}

/** The time alone redraws a line only if it changes its state. */
export function LineRow({ nowMs, ...props }: LineRowProps): JSX.Element {
  return <Line {...props} state={stateOfLine(props.line, props.kind, nowMs)} />;
}

type LineProps = Omit<LineRowProps, "nowMs"> & { readonly state: string };

const Line = memo((props: LineProps): JSX.Element => {
  const { line, isFirst, isLast, kind, isActive, isFound, state, page, conversation } = props;
  const isOwn = line.from.self === true;
  const name = personName(line.from);
  const hasName = kind === "room" && !isOwn;
  const atMs = Date.parse(line.at);
  const standing = standingOf(props);
  const classes = [
    "line",
    isOwn ? "line-own" : "line-other",
    ...(isFirst ? ["line-first"] : []),
    ...(isLast ? ["line-last"] : []),
    ...(isActive ? ["line-active"] : []),
    ...(isFound ? ["line-found"] : []),
    ...(line.deleted === true ? ["line-deleted"] : []),
  ];
  return (
    <li
      class={classes.join(" ")}
      data-key={line.id}
      data-line={line.id}
      tabIndex={-1}
      aria-current={isFound ? "true" : undefined}
    >
      {hasName && <span class="line-avatar">{isFirst && <Avatar name={name} id={line.from.fingerprint} />}</span>}
      <div class="line-middle">
        {hasName && isFirst ? (
          <bdi class={`line-name name-${colourOf(line.from.fingerprint, COLOURS)}`} dir="auto">
            {name}
          </bdi>
        ) : (
          <span class="unseen">{name}:</span>
        )}
        <div class="line-body">
          <div class="bubble">
            {line.replyTo !== undefined && <Quote {...props} />}
            {line.deleted === true ? <p class="gone">deleted</p> : <LineText text={line.text} />}
          </div>
          <span class="line-when">
            {line.expires !== undefined && (
              <span title={`Disappears ${wholeWhen(Date.parse(line.expires))}`}>
                <Icon name="timer" />
                <span class="unseen">disappears {wholeWhen(Date.parse(line.expires))}</span>
              </span>
            )}
            <time dateTime={line.at} title={wholeWhen(atMs)}>
              {clockTime(atMs)}
            </time>
          </span>
          {isActive && line.deleted !== true && <LineActions {...props} />}
        </div>
        {line.reactions !== undefined && line.reactions.length > 0 && (
          <ul class="reactions" aria-label="Reactions">
            {line.reactions.map(({ emoji, by }) => {
              const names = by.map(personName).join(", ");
              const isMine = by.some(({ self }) => self === true);
              return (
                <li key={emoji}>
                  <button
                    type="button"
                    class={isMine ? "reaction reaction-own" : "reaction"}
                    title={names}
                    aria-pressed={isMine}
                    onClick={() => void page.react(conversation, line, emoji)}
                  >
                    <span class="reaction-emoji">{shownRow(emoji)}</span>
                    {by.length > 1 && <span>{by.length}</span>}
                    <span class="unseen">, by {names}</span>
                  </button>
                </li>
              );
            })}
          </ul>
        )}
        {standing !== "" && <p class={state === "not sent" ? "line-state problem" : "line-state"}>{standing}</p>}
      </div>
    </li>
  );
});

/** What stands below a line: nothing, if it is a usual one. */
function standingOf({ line, state, readBy }: LineProps): string {
  return [
    ...(line.edited === true && line.deleted !== true ? ["edited"] : []),
    ...(line.sharedBy === undefined ? [] : [`passed on by ${personName(line.sharedBy)}`]),
    ...(state === "" ? [] : [state]),
    ...(readBy === "" ? [] : [`read by ${readBy.split("\n").map(shownName).join(", ")}`]),
  ].join(" · ");
}

function Quote({ line, answered, page, conversation }: LineProps): JSX.Element {
  const go = (): void => void page.jump(conversation, line.replyTo ?? "");
  const text = answered?.deleted === true ? "deleted" : shownRow(answered?.text ?? "");
  return (
    <button type="button" class="quote" onClick={go} title="Show the line that this answers">
      {answered === undefined ? (
        <span>an earlier line</span>
      ) : (
        <>
          <bdi class={`quote-name name-${colourOf(answered.from.fingerprint, COLOURS)}`}>
            {personName(answered.from)}
          </bdi>
          <span class="quote-text" dir="auto">
            {text}
          </span>
        </>
      )}
    </button>
  );
}

/** What is longer is shown whole when it is asked for. */
const MOST_ROWS = 24;
const MOST_LETTERS = 2_400;

function LineText({ text }: { readonly text: string }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = shownText(text);
  const short = isWhole ? shown : shortened(shown);
  return (
    <>
      <p class={isFewEmoji(short) ? "line-text line-emoji" : "line-text"} dir="auto">
        {textBlocks(short).map(({ isCode, text: piece }, index) =>
          isCode ? <code key={index}>{piece}</code> : <TextParts key={index} text={piece} />,
        )}
      </p>
      {short.length < shown.length && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          Show all of it
        </button>
      )}
    </>
  );
}

function shortened(text: string): string {
  const rows = text.split("\n");
  const fewer = rows.length > MOST_ROWS ? `${rows.slice(0, MOST_ROWS - 4).join("\n")}…` : text;
  return fewer.length > MOST_LETTERS ? `${fewer.slice(0, MOST_LETTERS - 200)}…` : fewer;
}
