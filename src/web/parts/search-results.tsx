// What was found: conversations by their names, and lines by their words.

import type { JSX } from "preact";
import { foundPhrase } from "../../ui/retention-phrases.ts";
import { matching } from "../state/conversations.ts";
import { conversationName, personName, shownRow } from "../state/names.ts";
import { excerpt } from "../state/text-parts.ts";
import { conversationWithId, type SearchView } from "../state/view.ts";
import { shortWhen, wholeWhen } from "../state/words.ts";
import { ConversationList, moveInList } from "./conversation-list.tsx";
import { TextParts } from "./text.tsx";
import { usePage } from "./use-page.ts";

export function SearchResults({ search }: { readonly search: SearchView }): JSX.Element {
  const { page, view } = usePage();
  const { words, state, found } = search;
  const names = matching(view.conversations, words);
  return (
    <div class="results">
      {names.length > 0 && <ConversationList conversations={names} />}
      <p class="results-count" role="status">
        {resultPhrase(search)}
      </p>
      {state === "failed" && (
        <button type="button" class="button" onClick={() => page.searchAgain()}>
          Try again
        </button>
      )}
      <ul class="entries" onKeyDown={moveInList}>
        {found?.found.map(({ conversation: id, message, around }) => {
          const conversation = conversationWithId(view, id);
          const atMs = Date.parse(message.at);
          return (
            <li key={`${id} ${message.id}`}>
              <button type="button" class="entry entry-found" onClick={() => void page.jump(id, message.id, around)}>
                <span class="entry-top">
                  <bdi class="entry-name" dir="auto">
                    {conversation === undefined ? "gone" : conversationName(conversation)}
                  </bdi>
                  <time class="entry-time" dateTime={message.at} title={wholeWhen(atMs)}>
                    {shortWhen(atMs, view.nowMs)}
                  </time>
                </span>
                <span class="found-text" dir="auto">
                  <span class="found-by">{personName(message.from)}: </span>
                  <TextParts text={excerpt(shownRow(message.text), words)} words={words} />
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function resultPhrase({ words, state, found }: SearchView): string {
  if (state === "failed") return "The search failed.";
  if (state === "asking" || found === undefined) return "Searching…";
  return foundPhrase(found.found.length, found.total, shownRow(words));
}
