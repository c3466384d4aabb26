// To come into rooms: make one, ask to be let into one of the hub, open one of two.

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { InputOf } from "../../app/api/api.ts";
import type { Page } from "../state/page.ts";
import { shownName } from "../state/names.ts";
import { Field, Section, Switch } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { useAnswer } from "./use-answer.ts";
import { usePage } from "./use-page.ts";

async function openMade(page: Page, made: { readonly conversation: string } | undefined): Promise<void> {
  if (made === undefined) return;
  page.show(undefined);
  await page.refresh();
  await page.open(made.conversation);
}

export function NewRoomDialog(): JSX.Element {
  const { page, view } = usePage();
  const id = useId();
  const [name, setName] = useState("");
  const [listed, setListed] = useState(false);
  const [announce, setAnnounce] = useState(false);
  const [classic, setClassic] = useState(false);
  const [shareHistory, setShareHistory] = useState(0);
  const hubs = view.status?.hubs ?? [];
  const [hub, setHub] = useState(hubs[0]?.name ?? "");
  const create = async (): Promise<void> => {
    const input: InputOf<"createRoom"> = {
      name: name.trim(),
      ...(listed ? { listed } : {}),
      ...(announce ? { announce } : {}),
      ...(classic ? { classic } : {}),
      ...(shareHistory > 0 ? { shareHistory } : {}),
      ...(hubs.length > 1 ? { hub } : {}),
    };
    await openMade(page, await page.attempt("createRoom", input));
  };
  return (
    <Dialog title="New room">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <div class="field">
          <label for={`${id}-name`}>Name</label>
          <input
            id={`${id}-name`}
            value={name}
            dir="auto"
            autocomplete="off"
            autofocus
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </div>
        {hubs.length > 1 && (
          <div class="field">
            <label for={`${id}-hub`}>Hub</label>
            <select id={`${id}-hub`} value={hub} onChange={({ currentTarget }) => setHub(currentTarget.value)}>
              {hubs.map((one) => (
                <option key={one.name} value={one.name}>
                  {shownName(one.name)}
                </option>
              ))}
            </select>
          </div>
        )}
        <Switch label="Listed" hint="Its name is public at the hub." isOn={listed} onChange={setListed} />
        <Switch label="Announcements" hint="Only admins and moderators speak." isOn={announce} onChange={setAnnounce} />
        <div class="field">
          <label for={`${id}-share`}>Newcomers get the last lines</label>
          <select
            id={`${id}-share`}
            value={String(shareHistory)}
            onChange={({ currentTarget }) => setShareHistory(Number(currentTarget.value))}
          >
            {[0, 20, 100, 500].map((count) => (
              <option key={count} value={String(count)}>
                {count === 0 ? "none" : `${count} lines`}
              </option>
            ))}
          </select>
        </div>
        <details>
          <summary>More</summary>
          <Switch
            label="Classic cryptography"
            hint="Smaller and faster, without protection against quantum computers."
            isOn={classic}
            onChange={setClassic}
          />
        </details>
        <div class="buttons">
          <button type="submit" class="button button-main" disabled={name.trim() === ""}>
            Make the room
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function ListedDialog(): JSX.Element {
  const { page } = usePage();
  const [answer] = useAnswer("listedRooms", {});
  const ask = async (name: string): Promise<void> => {
    if ((await page.attempt("askToJoin", { name })) === undefined) return;
    page.notice({
      tone: "info",
      text: `You have asked to be let into #${shownName(name)}.`,
      hint: "An admin or moderator decides.",
    });
    await page.refresh();
  };
  return (
    <Dialog title="Rooms of the hub">
      {answer?.listed.length === 0 && <p>No room is listed at the hub.</p>}
      <ul class="plain-list">
        {answer?.listed.map((name) => (
          <li key={name}>
            <bdi>#{shownName(name)}</bdi>
            <button
              type="button"
              class="button"
              aria-label={`Ask to join #${shownName(name)}`}
              onClick={() => void ask(name)}
            >
              Ask to join
            </button>
          </li>
        ))}
      </ul>
      <Section title="A link to a room">
        <Field
          label="Link"
          value=""
          action="Join"
          onSubmit={(link) => {
            void page.attempt("join", { link }).then((done) => done && page.show(undefined));
          }}
        />
      </Section>
    </Dialog>
  );
}

export function DirectDialog(): JSX.Element {
  const { page, view } = usePage();
  const people = view.peers.filter(({ hub }) => hub !== true).map(({ name }) => name);
  const feed = async (): Promise<void> => openMade(page, await page.attempt("feed", {}));
  return (
    <Dialog title="Room of two">
      <p>A room without a name for the two of you: you need not be online at the same time.</p>
      <Field
        label="With whom"
        value=""
        action="Open"
        autofocus
        list={people}
        hint="A name that you know here or in a room, or the start of a fingerprint."
        onSubmit={(who) => void page.attempt("direct", { who }).then((made) => openMade(page, made))}
      />
      <Section title="Your announcements">
        <p class="hint">A room where only you speak, for the people you invite.</p>
        <button type="button" class="button" onClick={() => void feed()}>
          Open your announcements
        </button>
      </Section>
    </Dialog>
  );
}
