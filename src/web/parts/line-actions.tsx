// What can be done with a line: the buttons beside it, while the mouse or the focus is at it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ConversationJson, MessageJson, RoleJson } from "../../app/api/views.ts";
import type { Page } from "../state/page.ts";
import { isSaying } from "../state/timeline.ts";
import { IconButton } from "./icon.tsx";

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🎉"] as const;

interface LineActionsProps {
  readonly line: MessageJson;
  readonly conversation: string;
  readonly kind: ConversationJson["kind"];
  readonly role: RoleJson | undefined;
  readonly page: Page;
}

type Doing = "nothing" | "reacting" | "deleting";

export function LineActions({ line, conversation, kind, role, page }: LineActionsProps): JSX.Element {
  const [doing, setDoing] = useState<Doing>("nothing");
  const isOwn = line.from.self === true;
  // Between two there is a line and nothing else; in a room everybody can do more.
  const isIn = kind !== "person" && role !== undefined && !isSaying(line) && line.state !== "waiting";
  const mayDelete = isIn && (isOwn || role === "admin" || role === "moderator");
  const react = (emoji: string): void => {
    setDoing("nothing");
    void page.react(conversation, line, emoji);
  };
  if (doing === "reacting") return <Reacting onReact={react} onNot={() => setDoing("nothing")} />;
  if (doing === "deleting") {
    return (
      <div class="line-actions" role="group" aria-label="Delete this line for everybody?">
        <button type="button" class="button button-danger-sure" onClick={() => void page.delete(conversation, line)}>
          Delete for everybody
        </button>
        <button type="button" class="button" onClick={() => setDoing("nothing")}>
          No
        </button>
      </div>
    );
  }
  return (
    <div class="line-actions" role="group" aria-label="What to do with this line">
      {isIn && <IconButton name="smile" label="React" onClick={() => setDoing("reacting")} />}
      {isIn && <IconButton name="reply" label="Answer" onClick={() => page.compose({ kind: "reply", line })} />}
      <IconButton name="copy" label="Copy the text" onClick={() => void copy(page, line.text)} />
      {isIn && isOwn && <IconButton name="edit" label="Change" onClick={() => page.compose({ kind: "edit", line })} />}
      {mayDelete && <IconButton name="trash" label="Delete" onClick={() => setDoing("deleting")} />}
    </div>
  );
}

async function copy(page: Page, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    page.notice({ tone: "info", text: "The text is copied." });
  } catch {
    page.notice({ tone: "info", text: "The browser does not allow it: select the text and copy it." });
  }
}

function Reacting({
  onReact,
  onNot,
}: {
  readonly onReact: (emoji: string) => void;
  readonly onNot: () => void;
}): JSX.Element {
  return (
    <div
      class="line-actions"
      role="group"
      aria-label="React with"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onNot();
      }}
    >
      {QUICK.map((emoji, index) => (
        <button key={emoji} type="button" class="emoji" autofocus={index === 0} onClick={() => onReact(emoji)}>
          {emoji}
        </button>
      ))}
      <input
        class="emoji-field"
        aria-label="Another emoji"
        placeholder="…"
        maxLength={16}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.currentTarget.value.trim() === "") return;
          event.preventDefault();
          onReact(event.currentTarget.value.trim());
        }}
      />
    </div>
  );
}
