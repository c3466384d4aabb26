// What was said: as many lines as are near, whatever the conversation's length. When lines come or go above, what the
// person looks at stays where it is.

import { Component, createRef, type JSX } from "preact";
import type { ConversationJson } from "../../app/api/views.ts";
import { rowsOf } from "../state/rows.ts";
import { isAtEnd, lineBefore, lineWithId, showsEnd, showsStart, shownLines } from "../state/timeline.ts";
import type { OpenView } from "../state/view.ts";
import { dayPhrase } from "../state/words.ts";
import { Icon } from "./icon.tsx";
import { LineRow } from "./line-row.tsx";
import { PageContext } from "./use-page.ts";

interface TimelineProps {
  readonly conversation: ConversationJson;
  readonly open: OpenView;
  readonly nowMs: number;
}

interface TimelineState {
  /** The line that the mouse or the focus is at: it has buttons. */
  readonly active: string | undefined;
  readonly isAtBottom: boolean;
  /** The line that was jumped to. */
  readonly found: string | undefined;
}

/** Where an element stood before a change. */
interface Anchor {
  readonly key: string;
  readonly top: number;
}

/** The rest of the way to the end that counts as there. */
const NEARLY_PX = 40;
/** So long a line is marked that was jumped to; the style lets the mark fade. */
const MARKED_MS = 4_000;
/** How many screens before an end of what is shown the next lines are asked for. */
const AHEAD = 1.5;

export class Timeline extends Component<TimelineProps, TimelineState> {
  static override contextType = PageContext;
  override state: TimelineState = { active: undefined, isAtBottom: true, found: undefined };
  readonly #scroller = createRef<HTMLDivElement>();
  /** Whether the end is kept in sight while lines come. */
  #sticks = true;
  /** Where it was scrolled to when that was looked at last. */
  #top = 0;
  #observer: ResizeObserver | undefined;
  #isFirst = true;
  #unmark: ReturnType<typeof setTimeout> | undefined;

  get #page() {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- contextType says what it is
    return (this.context as NonNullable<Parameters<typeof PageContext.Provider>[0]["value"]>).page;
  }

  override componentDidMount(): void {
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    this.#observer = new ResizeObserver(() => {
      this.#unstick();
      if (this.#sticks) this.#toBottom();
    });
    this.#observer.observe(scroller);
    this.componentDidUpdate(this.props, this.state, undefined);
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect();
    clearTimeout(this.#unmark);
  }

  override getSnapshotBeforeUpdate(): Anchor | undefined {
    const scroller = this.#scroller.current;
    this.#unstick();
    if (scroller === null || this.#sticks) return undefined;
    const { top } = scroller.getBoundingClientRect();
    for (const element of scroller.querySelectorAll<HTMLElement>("[data-key]")) {
      const rect = element.getBoundingClientRect();
      if (rect.bottom > top) return { key: element.dataset["key"] ?? "", top: rect.top };
    }
    return undefined;
  }

  override componentDidUpdate(before: TimelineProps, _: TimelineState, anchor: Anchor | undefined): void {
    const { open } = this.props;
    if (open.jump !== undefined && open.jump !== before.open.jump) return this.#jumpTo(open.jump.id);
    if (this.#isFirst && open.timeline !== undefined) {
      this.#isFirst = false;
      return this.#begin();
    }
    if (this.#sticks) this.#toBottom();
    else if (anchor !== undefined) this.#restore(anchor);
    // At an end there is nothing to scroll, and so no event that would ask for more.
    if (open.timeline !== before.open.timeline) this.#scrolled();
  }

  /** At the first new line, if there is one; otherwise at the end. */
  #begin(): void {
    const { jump, firstNew } = this.props.open;
    if (jump !== undefined) return this.#jumpTo(jump.id);
    const scroller = this.#scroller.current;
    const isNew = firstNew === undefined ? null : scroller?.querySelector<HTMLElement>("[data-key=new]");
    this.#toBottom();
    if (isNew === null || isNew === undefined || scroller === null) return;
    const above = isNew.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    if (above >= 0) return;
    this.#sticks = false;
    scroller.scrollTop += above - 24;
  }

  #restore({ key, top }: Anchor): void {
    const scroller = this.#scroller.current;
    const element = scroller?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (scroller === null || element === null || element === undefined) return;
    const moved = element.getBoundingClientRect().top - top;
    if (moved !== 0) scroller.scrollTop += moved;
  }

  #toBottom(): void {
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.#top = scroller.scrollTop;
  }

  /** The person may have scrolled up, and the event of it is still to come. */
  #unstick(): void {
    if ((this.#scroller.current?.scrollTop ?? 0) < this.#top - 1) this.#sticks = false;
  }

  #jumpTo(id: string): void {
    this.#sticks = false;
    this.#isFirst = false;
    const element = this.#scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(id)}"]`);
    element?.scrollIntoView({ block: "center" });
    element?.focus({ preventScroll: true });
    // After a layout without the mark, so that it shows again.
    this.setState({ found: undefined }, () => {
      void element?.offsetWidth;
      this.setState({ found: id });
    });
    clearTimeout(this.#unmark);
    this.#unmark = setTimeout(() => this.setState({ found: undefined }), MARKED_MS);
  }

  readonly #scrolled = (): void => {
    const scroller = this.#scroller.current;
    const { timeline } = this.props.open;
    if (scroller === null || timeline === undefined) return;
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const below = scrollHeight - clientHeight - scrollTop;
    this.#top = scrollTop;
    this.#sticks = below < NEARLY_PX && showsEnd(timeline);
    if (this.#sticks !== this.state.isAtBottom) {
      this.setState({ isAtBottom: this.#sticks });
      if (this.#sticks) this.#page.seen();
    }
    if (scrollTop < AHEAD * clientHeight && !showsStart(timeline)) this.#page.older();
    else if (below < AHEAD * clientHeight && !showsEnd(timeline)) this.#page.newer();
  };

  readonly #activate = (event: Event): void => {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-line]") : null;
    const active = element?.dataset["line"];
    if (active !== this.state.active) this.setState({ active });
  };

  readonly #leave = (): void => {
    const isInside = this.#scroller.current?.contains(document.activeElement) === true;
    if (!isInside) this.setState({ active: undefined });
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    const scroller = this.#scroller.current;
    if (scroller === null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest("button, input, a") !== null) return;
    const all = [...scroller.querySelectorAll<HTMLElement>("[data-line]")];
    const at = all.findIndex((one) => one === document.activeElement);
    if (event.key === "End") {
      event.preventDefault();
      this.#end();
      return;
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = at === -1 ? all.at(-1) : all[at + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  readonly #end = (): void => {
    this.#sticks = true;
    void this.#page.toEnd().then(() => this.#toBottom());
  };

  override render(
    { conversation, open, nowMs }: TimelineProps,
    { active, isAtBottom, found }: TimelineState,
  ): JSX.Element {
    const { timeline } = open;
    return (
      <div class="timeline-box">
        <div
          class="timeline"
          ref={this.#scroller}
          role="region"
          aria-label="What was said"
          tabIndex={0}
          onScroll={this.#scrolled}
          onPointerOver={this.#activate}
          onPointerLeave={this.#leave}
          onFocusIn={this.#activate}
          onKeyDown={this.#pressed}
        >
          {timeline !== undefined && (
            <ol class="lines" aria-busy={false}>
              {showsStart(timeline) && <Beginning conversation={conversation} isEmpty={timeline.lines.length === 0} />}
              {rowsOf({
                lines: shownLines(timeline),
                before: lineBefore(timeline),
                firstNew: open.firstNew,
                notes: open.notes,
                find: (id) => lineWithId(timeline, id),
              }).map((row) => {
                switch (row.kind) {
                  case "day":
                    return (
                      <li class="day" key={row.key} data-key={row.key}>
                        <span>{dayPhrase(row.atMs, nowMs)}</span>
                      </li>
                    );
                  case "new":
                    return (
                      <li class="new" key="new" data-key="new">
                        <span>new</span>
                      </li>
                    );
                  case "note":
                    return (
                      <li class="note" key={row.key} data-key={row.key} dir="auto">
                        {row.note.text}
                      </li>
                    );
                  case "line":
                    return (
                      <LineRow
                        key={row.key}
                        line={row.line}
                        isFirst={row.isFirst}
                        isLast={row.isLast}
                        answered={row.answered}
                        conversation={conversation.id}
                        kind={conversation.kind}
                        role={conversation.room?.standing === "joined" ? conversation.room.role : undefined}
                        isActive={active === row.line.id}
                        isFound={found === row.line.id}
                        readBy={readersOf(open, row.line.id)}
                        nowMs={nowMs}
                        page={this.#page}
                      />
                    );
                }
              })}
            </ol>
          )}
        </div>
        {timeline !== undefined && (!isAtBottom || !isAtEnd(timeline)) && (
          <button
            type="button"
            class="to-end"
            onClick={this.#end}
            aria-label="Jump to the newest line"
            title="Jump to the newest line"
          >
            <Icon name="down" />
            {conversation.unread > 0 && <span class="badge">{conversation.unread}</span>}
          </button>
        )}
      </div>
    );
  }
}

function readersOf({ readers }: OpenView, id: string): string {
  const there = Object.values(readers).filter(({ line }) => line === id);
  return there.map(({ who }) => who.name).join("\n");
}

interface BeginningProps {
  readonly conversation: ConversationJson;
  readonly isEmpty: boolean;
}

function Beginning({ conversation: { kind, room }, isEmpty }: BeginningProps): JSX.Element {
  const first =
    room?.standing === "invited"
      ? "What is said there is shown from when you are in."
      : isEmpty
        ? `Nothing is ${room?.standing === "over" ? "kept here" : "here yet"}.`
        : "This is the start of the history.";
  const who =
    kind !== "person"
      ? "Only the members of this room can read it, and not the hub."
      : "Only the two of you can read it.";
  return (
    <li class="beginning">
      {first} {who}
    </li>
  );
}
