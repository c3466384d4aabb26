// The left side: who and where, search, what wants an answer, the conversations.

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { programName } from "../state/words.ts";
import { ConversationList } from "./conversation-list.tsx";
import { Icon, IconButton } from "./icon.tsx";
import { Introductions } from "./introductions.tsx";
import { Menu } from "./menu.tsx";
import { SearchResults } from "./search-results.tsx";
import { Wordmark } from "./signed-out.tsx";
import { usePage } from "./use-page.ts";

export function Sidebar(): JSX.Element {
  const { page, view } = usePage();
  const hasHub = (view.status?.hubs.length ?? 0) > 0;
  const people = view.peers.filter(({ hub }) => hub !== true).length;
  return (
    <nav class="sidebar" aria-label="Conversations">
      <header class="sidebar-head">
        <h1>
          <Wordmark />
        </h1>
        <Menu
          icon="plus"
          label="New"
          items={[
            ["Add somebody", () => page.show({ kind: "pair" })],
            hasHub ? ["New room", () => page.show({ kind: "new-room" })] : undefined,
            hasHub ? ["Rooms of the hub", () => page.show({ kind: "listed" })] : undefined,
            hasHub ? ["Room of two", () => page.show({ kind: "direct" })] : undefined,
            people > 1 ? ["Write to everybody", () => page.show({ kind: "everybody" })] : undefined,
            people > 1 ? ["Introduce two people", () => page.show({ kind: "introduce", id: "" })] : undefined,
          ]}
        />
        <Menu
          icon="menu"
          label="More"
          items={[
            ["Status", () => page.show({ kind: "status" })],
            ["Settings", () => page.show({ kind: "settings" })],
            ["Keys and help", () => page.show({ kind: "help" })],
          ]}
        />
      </header>
      {view.conversations.length > 0 && <Search />}
      {view.link.name === "lost" && view.open === undefined && (
        <p class="sidebar-lost">{programName(view.status)} does not answer. This page goes on by itself.</p>
      )}
      {view.search === undefined ? (
        <>
          <Introductions />
          <ConversationList conversations={view.conversations} />
        </>
      ) : (
        <SearchResults search={view.search} />
      )}
    </nav>
  );
}

function Search(): JSX.Element {
  const { page, view } = usePage();
  const input = useRef<HTMLInputElement>(null);
  const words = view.search?.words ?? "";
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        ref={input}
        id="search"
        type="search"
        aria-label="Search names and messages"
        placeholder="Search"
        autocomplete="off"
        spellcheck={false}
        dir="auto"
        value={words}
        onInput={({ currentTarget }) => page.search(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          document.querySelector<HTMLElement>(".sidebar .entry")?.focus();
        }}
      />
      {words !== "" && (
        <IconButton
          name="close"
          label="Clear the search"
          onClick={() => {
            page.search("");
            input.current?.focus();
          }}
        />
      )}
    </div>
  );
}
