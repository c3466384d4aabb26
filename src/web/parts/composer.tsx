// What the person writes. It is kept until it is sent: in this tab, for each conversation.

import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ConversationJson, MessageJson } from "../../app/api/views.ts";
import { MAX_TEXT_BYTES } from "../../core/message-limits.ts";
import { conversationName, personName, shownRow } from "../state/names.ts";
import { Icon, IconButton } from "./icon.tsx";
import { usePage } from "./use-page.ts";

const MOST_HEIGHT_PX = 220;
/** A longer name would take a second row. */
const MOST_IN_PLACEHOLDER = 20;
/** From so many bytes on, what is left is shown. */
const NEARLY_FULL = 0.9;

export function Composer({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { page, view } = usePage();
  const { id, kind } = conversation;
  const { drafts } = page.ports;
  const [text, setText] = useState(() => drafts.get(id) ?? "");
  const area = useRef<HTMLTextAreaElement>(null);
  const composing = view.open?.composing ?? { kind: "new" };
  const name = conversationName(conversation);
  const bytes = new TextEncoder().encode(text).length;

  const write = (next: string): void => {
    setText(next);
    page.typed(composing.kind === "edit" ? undefined : next);
  };
  // At once: what the person writes elsewhere a moment later stays there.
  useLayoutEffect(() => {
    // On a phone the keyboard would cover what was said.
    if (matchMedia("(hover: hover)").matches && !isWritingElsewhere()) area.current?.focus();
  }, []);
  // Before the next key: it may be the first of the new text.
  useLayoutEffect(() => {
    if (composing.kind === "edit") setText(composing.line.text);
    else setText(drafts.get(id) ?? "");
    if (composing.kind !== "new") area.current?.focus();
  }, [composing]);
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, MOST_HEIGHT_PX)}px`;
  }, [text]);

  const send = async (): Promise<void> => {
    const said = text.trimEnd();
    if (said.trim() === "" || bytes > MAX_TEXT_BYTES) return;
    setText("");
    await page.say(said);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const last =
      event.key === "ArrowUp" && text === "" && kind !== "person" ? ownLast(view.open?.timeline?.lines) : undefined;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) void send();
    else if (event.key === "Escape" && composing.kind !== "new") page.compose({ kind: "new" });
    else if (last !== undefined) page.compose({ kind: "edit", line: last });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <form
      class="foot composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {composing.kind !== "new" && (
        <div class="composing">
          <Icon name={composing.kind === "edit" ? "edit" : "reply"} />
          <p dir="auto">
            {composing.kind === "edit" ? "You change: " : `You answer ${personName(composing.line.from)}: `}
            <span>{shownRow(composing.line.text)}</span>
          </p>
          <IconButton name="close" label="Do not" onClick={() => page.compose({ kind: "new" })} />
        </div>
      )}
      <div class="composer-row">
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          aria-label={`Write to ${name}`}
          placeholder={name.length > MOST_IN_PLACEHOLDER ? "Write" : `Write to ${name}`}
          value={text}
          onInput={({ currentTarget }) => write(currentTarget.value)}
          onKeyDown={pressed}
        />
        <button
          type="submit"
          class="send"
          aria-label="Send"
          title="Send"
          disabled={text.trim() === "" || bytes > MAX_TEXT_BYTES}
        >
          <Icon name="send" />
        </button>
      </div>
      {bytes > MAX_TEXT_BYTES * NEARLY_FULL && (
        <p class={bytes > MAX_TEXT_BYTES ? "problem" : "hint"} role="status">
          {bytes > MAX_TEXT_BYTES
            ? `Too long by ${bytes - MAX_TEXT_BYTES} bytes. Send it in two parts.`
            : `${MAX_TEXT_BYTES - bytes} bytes left`}
        </p>
      )}
    </form>
  );
}

function isWritingElsewhere(): boolean {
  const at = document.activeElement;
  return at instanceof HTMLInputElement && at.value !== "";
}

/** The person's last line, if it can be changed. */
function ownLast(lines: readonly MessageJson[] | undefined): MessageJson | undefined {
  const last = lines?.findLast(({ from, deleted }) => from.self === true && deleted !== true);
  return last?.state === "sent" || last?.state === "delivered" ? last : undefined;
}
