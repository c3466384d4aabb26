// What can be done with a line: the buttons beside it, while the mouse or the focus is at it.

import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
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
  const root = useRef<HTMLDivElement>(null);
  // What is asked takes the place of the button that had the focus.
  useLayoutEffect(() => {
    if (doing !== "nothing") root.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, [doing]);
  /** The buttons go; somebody who came by keyboard is still at the line. */
  const back = (): void => {
    const line = document.activeElement?.matches(":focus-visible") ? root.current?.closest<HTMLElement>(".line") : null;
    line?.focus({ preventScroll: true });
    setDoing("nothing");
  };
  const react = (emoji: string): void => {
    back();
    void page.react(conversation, line, emoji);
  };
  const remove = (): void => {
    back();
    page.delete(conversation, line);
  };
  if (doing === "reacting") return <Reacting root={root} onReact={react} onNot={back} />;
  if (doing === "deleting") {
    return (
      <div class="line-actions" role="group" aria-label="Delete this line for everybody?" ref={root}>
        <button type="button" class="button button-danger-sure" onClick={remove}>
          Delete for everybody
        </button>
        <button type="button" class="button" data-first onClick={back}>
          No
        </button>
      </div>
    );
  }
  return (
    <div class="line-actions" role="group" aria-label="What to do with this line" ref={root}>
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
  root,
  onReact,
  onNot,
}: {
  readonly root: RefObject<HTMLDivElement | null>;
  readonly onReact: (emoji: string) => void;
  readonly onNot: () => void;
}): JSX.Element {
  return (
    <div
      class="line-actions"
      role="group"
      aria-label="React with"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onNot();
      }}
    >
      {QUICK.map((emoji, index) => (
        <button
          key={emoji}
          type="button"
          class="emoji"
          data-first={index === 0 ? "" : undefined}
          onClick={() => onReact(emoji)}
        >
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
