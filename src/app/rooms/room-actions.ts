// What each command about rooms does. One function for each; all of them reject with LairError, which the caller shows.

import { equalInConstantTime, fromHex, toHex, toUtf8 } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { cleanName } from "../../core/identity/peer-name.ts";
import { safetyWords } from "../../core/identity/safety-words.ts";
import { encodeLogView, WHOLE_LOG } from "../../core/room/log-hash.ts";
import { decodeBundle } from "../../core/room/package-bundle.ts";
import { roleOf } from "../../core/room/policy.ts";
import { encodeRoomContext, MAX_NAME_BYTES, MAX_TOPIC_BYTES, type RoomContext } from "../../core/room/room-context.ts";
import { formatRoomLink, parseRoomLink } from "../../core/room/room-link.ts";
import { MAX_SHARED, type RoomContent, type SharedLine } from "../../core/room/room-message.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import { ask } from "./hub-calls.ts";
import type { HubMembership } from "./hub-membership.ts";
import { lineView } from "./line-views.ts";
import type { RoomCommand } from "./room-commands.ts";
import {
  described,
  linkKnown,
  linksForgotten,
  memberAdded,
  memberBanned,
  memberRemoved,
  memberUnbanned,
  roleGiven,
} from "./room-goals.ts";
import { type OpenGroup, ROOM_ID_BYTES, type RoomParts, withSigner } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { Place, RoomPlaces } from "./room-places.ts";
import type { RoomLineView, RoomView } from "./room-reports.ts";
import type { RoomShowing } from "./room-showing.ts";
import type { RoomSettings, StoredRoom } from "./room-store.ts";
import { tellSignal } from "./signals.ts";
import { sharedOf } from "./taken-message.ts";

export interface ActionParts extends RoomParts {
  readonly names: RoomNames;
  readonly places: RoomPlaces;
  readonly showing: RoomShowing;
  /** Where a hub is found, for links. */
  readonly urlOf: (hub: Uint8Array) => string | undefined;
  /** Writes lines to a new file, and returns how many. Throws LairError file-*. */
  readonly exportLines: (file: string, room: RoomView, lines: readonly RoomLineView[]) => number;
}

type Of<Type extends RoomCommand["type"]> = Extract<RoomCommand, { type: Type }>;

/** Ours: a link is for a handful of people and a week, unless one says otherwise. */
const LINK_USES = 10;
const LINK_S = 7 * 86_400;
const LINK_SECRET_BYTES = 32;
const LINK_ID_BYTES = 16;
const MOST_FOUND = 100;
/** Ours: bytes of text in one message of shared lines, far below what a message may have. */
const SHARED_BYTES = 32_768;
const PAGE = 500;

export class RoomActions {
  readonly #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  async do(command: RoomCommand): Promise<void> {
    switch (command.type) {
      case "rooms":
        return await this.#rooms();
      case "create":
        await this.#create(command);
        return;
      case "join":
        return await this.#knock(command);
      case "join-link":
        return await this.#joinByLink(command);
      case "leave":
        return await this.#leave(command);
      case "answer":
        return await this.#answer(command);
      case "members":
        return await this.#members(command);
      case "invite":
        return await this.#invite(command);
      case "link":
        return await this.#link(command);
      case "role":
        return await this.#role(command);
      case "remove":
      case "ban":
      case "unban":
        return await this.#remove(command);
      case "topic":
      case "rename":
        return await this.#describe(command);
      case "direct":
        return await this.#direct(command);
      case "say":
      case "edit":
      case "delete":
      case "reply":
      case "react":
      case "timer":
        return await this.#say(command);
      case "history":
      case "search":
      case "export":
        return await this.#look(command);
      case "follow":
        return await this.#follow(command);
      case "feed":
        return await this.#feed();
      case "marks":
      case "invisible":
        return await this.#mark(command);
      case "noted":
        return await this.#note(command);
      case "verify":
        return await this.#verify(command);
    }
  }

  /** At the start: the last lines. */
  async remind({ room, view }: Place["worker"], count: number): Promise<void> {
    const { store, showing, names } = this.#parts;
    if (room.standing !== "joined") return;
    const lines = await store.lines(room.id, Number.MAX_SAFE_INTEGER, count);
    const unshown = new Set((await store.unshown(room.id)).map(({ seq }) => seq));
    const views = lines.flatMap((line) => (unshown.has(line.seq) ? [] : lineView({ names }, line)));
    const shown = await Promise.all(views);
    if (shown.length > 0) showing.tell({ type: "room-history", room: view, occasion: "start", lines: shown });
  }

  // --- rooms --------------------------------------------------------------------------------------------------------

  async #rooms(): Promise<void> {
    const listed: string[] = [];
    for (const hub of this.#hubsHere()) for (const { name } of await listedAt(hub)) listed.push(name);
    const rooms = await Promise.all(this.#parts.places.all.map(({ worker }) => worker.known()));
    this.#parts.showing.tell({ type: "rooms", rooms, listed });
  }

  async #create(command: Of<"create">): Promise<Place> {
    const name = checkedName(command.name);
    const { places } = this.#parts;
    const hub = places.hub(command.hub);
    const isTaken = places.all.some(({ worker }) => worker.view.name.toLowerCase() === name.toLowerCase());
    if (isTaken)
      throw new LairError("usage", `There is a room of that name here already.`, { hint: "Choose another name." });
    const kind = command.isAnnouncement ? "announcement" : "room";
    const context = { ...EMPTY, kind, name, sharedLines: command.sharedLines } as const;
    return await this.#make(hub, context, command.isClassic, command.isListed ? name : undefined);
  }

  /** Makes a room of which the user is the only member. */
  async #make(hub: HubMembership, start: RoomContext, isClassic: boolean, listedName?: string): Promise<Place> {
    requireHere(hub);
    const { groups, random, identity, clock } = this.#parts;
    const id = random(ROOM_ID_BYTES);
    const own = toHex(identity.signatureKey);
    const roles = start.kind === "direct" ? new Map() : new Map([[own, "admin" as const]]);
    const context = encodeRoomContext({ ...start, roles });
    const suite = isClassic ? "classic" : "hybrid";
    const state = await withSigner(this.#parts, (signer) => groups.create(suite, signer, id, context));
    const room: StoredRoom = {
      ...blank(id, hub.hubKey),
      standing: "creating",
      name: start.name,
      state,
      renewedAtMs: clock.now().wallMs,
    };
    const worker = await hub.add(room);
    try {
      await worker.enter(listedName);
    } catch (error) {
      await hub.forget(toHex(id));
      throw error;
    }
    return { hub, worker };
  }

  /** Asks to be let into a listed room. */
  async #knock({ name, hub: of }: Of<"join">): Promise<void> {
    const hub = this.#parts.places.hub(of);
    requireHere(hub);
    const wanted = name.trim().replace(/^#/u, "").toLowerCase();
    const found = (await listedAt(hub)).find((one) => one.name.toLowerCase() === wanted);
    if (found === undefined) {
      throw new LairError("peer-unknown", "No room of that name is listed at the hub.", {
        hint: "rooms shows those that are; into others one comes by an invitation or a link.",
      });
    }
    await ask(hub, "knock", { room: found.room, bytes: new Uint8Array(0) });
    this.#parts.showing.tell({ type: "asked", room: { id: toHex(found.room), name: found.name } });
  }

  async #joinByLink({ link: text }: Of<"join-link">): Promise<void> {
    const { invite, room: id, id: linkId, secret } = parseRoomLink(text);
    const hub = this.#hubs().find(({ hubKey }) => equalInConstantTime(hubKey, invite.serverKey));
    if (hub === undefined) {
      throw new LairError("peer-unknown", "The hub of this link is not known here.", {
        hint: "Start lair-client with the link as its argument.",
      });
    }
    requireHere(hub);
    const known = hub.rooms.find(({ room }) => equalInConstantTime(room.id, id));
    if (known?.room.standing === "joined") return this.#parts.showing.tell({ type: "joined", room: known.view });
    const room: StoredRoom = { ...blank(id, hub.hubKey), standing: "joining", link: { id: linkId, secret } };
    const worker = await hub.add(room);
    try {
      await worker.enter();
    } catch (error) {
      await hub.forget(toHex(id));
      throw error;
    }
  }

  async #leave({ room }: Of<"leave">): Promise<void> {
    const { hub, worker } = this.#parts.places.room(room);
    switch (worker.room.standing) {
      case "joined":
      case "invited":
        return await worker.stand("leaving");
      case "over":
        // Once more: what is kept of it goes, too.
        return await hub.forget(worker.view.id);
      case "creating":
      case "joining":
      case "leaving":
        throw new LairError("usage", "This room is being made, joined or left just now.", {
          hint: "Try again in a moment.",
        });
    }
  }

  async #answer({ room, isAccepted }: Of<"answer">): Promise<void> {
    const { places, showing, names } = this.#parts;
    const { worker } = places.room(room);
    const { standing, by } = worker.room;
    if (standing !== "invited") {
      throw new LairError("usage", "You are not invited to this room, or have answered already.", {
        hint: "rooms shows your invitations.",
      });
    }
    await worker.stand(isAccepted ? "joined" : "leaving");
    if (!isAccepted) return showing.tell({ type: "declined", room: worker.view });
    const adder = by === undefined ? {} : { by: await names.view(by) };
    showing.tell({ type: "joined", room: worker.view, ...adder });
  }

  // --- members ------------------------------------------------------------------------------------------------------

  async #members({ room }: Of<"members">): Promise<void> {
    const { places, names, showing, identity } = this.#parts;
    const { hub, worker, group } = places.inside(room);
    const online = new Set<string>();
    if (hub.isHere) {
      const { seats } = await ask(hub, "seats", { room: worker.room.id });
      for (const { key, isOnline } of seats) if (isOnline) online.add(toHex(key));
    }
    const members = group.view.roster.map(async (who) => ({
      ...(await names.view(who)),
      role: roleOf(group.context, who),
      isOnline: online.has(toHex(who.publicKey)) || (hub.isHere && isSameIdentity(who, identity)),
    }));
    const { topic } = group.context;
    showing.tell({ type: "members", room: worker.view, topic, members: await Promise.all(members) });
  }

  async #invite({ room, who }: Of<"invite">): Promise<void> {
    const place = this.#parts.places.inside(room);
    await this.add(place, await this.#parts.places.anybody(place.hub, who));
  }

  /** Adds somebody, who then accepts or declines. */
  async add({ hub, worker }: Place, who: PublicIdentity): Promise<void> {
    requireHere(hub);
    const { groups, names } = this.#parts;
    if (worker.group?.view.roster.some((one) => isSameIdentity(one, who)) === true) {
      throw new LairError("usage", `${(await names.view(who)).name} is in the room already, or has an invitation.`);
    }
    const taken = await ask(hub, "take", { key: who.publicKey });
    if (taken.package === undefined) {
      throw new LairError("key-package-unusable", "The hub has nothing to add this person with.", {
        hint: "Ask them to start a program of Lair and connect to the hub once.",
      });
    }
    const suite = worker.group?.view.suite;
    for (const keyPackage of decodeBundle(taken.package)) {
      const view = await groups.readKeyPackage(keyPackage);
      if (view.suite !== suite) continue;
      if (!isSameIdentity(view.who, who)) {
        throw new LairError(
          "peer-key-changed",
          "The hub has another key for this person than the one that is known here.",
          {
            hint: "Nobody was added. Compare safety words with them (verify); the hub may be lying.",
          },
        );
      }
      await worker.want(memberAdded(who, keyPackage));
      return await this.#share(worker);
    }
    throw new LairError("key-package-unusable", "This person's program cannot take part in rooms of this kind.");
  }

  /** Hands the last lines to somebody who was added, if the room does that. */
  async #share(worker: Place["worker"]): Promise<void> {
    const count = worker.group?.context.sharedLines ?? 0;
    if (count === 0) return;
    const { store, clock } = this.#parts;
    const kept = (await store.lines(worker.room.id, worker.room.next, count)).flatMap((line) => sharedOf(line) ?? []);
    for (const lines of inPieces(kept)) await worker.say({ kind: "shared", atMs: clock.now().wallMs, lines });
  }

  async #link({ room, uses = LINK_USES, expiresInS = LINK_S }: Of<"link">): Promise<void> {
    const { places, random, clock, showing, urlOf } = this.#parts;
    const { hub, worker } = places.inside(room);
    requireHere(hub);
    const url = urlOf(hub.hubKey);
    if (url === undefined) throw new LairError("usage", "It is not known where the hub is found.");
    const [id, secret] = [random(LINK_ID_BYTES), random(LINK_SECRET_BYTES)];
    const expiresAtMs = clock.now().wallMs + 1_000 * expiresInS;
    // The members first: a link that only the hub knows would be used up in vain.
    await worker.want(linkKnown(id, secret));
    const asked = { room: worker.room.id, link: toHex(id), uses, expiresAtMs };
    const { invite: psk = new Uint8Array(32) } = await ask(hub, "add-link", asked);
    const link = formatRoomLink({ invite: { url, psk, serverKey: hub.hubKey }, room: worker.room.id, id, secret });
    showing.tell({ type: "room-link", room: worker.view, link, uses, expiresAtMs });
  }

  async #role({ room, who, role }: Of<"role">): Promise<void> {
    const { worker, group } = this.#parts.places.inside(room);
    await worker.want(roleGiven(await this.#parts.places.member(group, who), role));
  }

  async #remove({ type, room, who }: Of<"remove" | "ban" | "unban">): Promise<void> {
    const { places } = this.#parts;
    const { hub, worker, group } = places.inside(room);
    if (type === "unban") return await worker.want(memberUnbanned(await this.#banned(group, who)));
    const person = await places.member(group, who);
    if (equalInConstantTime(person.publicKey, this.#parts.identity.publicKey)) {
      throw new LairError("usage", "Nobody removes themselves.", { hint: "leave leaves the room." });
    }
    if (type === "ban") return await worker.want(memberBanned(person));
    // Who was removed knows the room's links, and would be back at once.
    const links = [...group.context.links.keys()];
    if (links.length > 0) await worker.want(linksForgotten);
    await worker.want(memberRemoved(person));
    if (links.length === 0) return;
    this.#parts.showing.tell({ type: "links-revoked", room: worker.view, count: links.length });
    for (const link of links) await hub.call("revoke-link", { room: worker.room.id, link });
  }

  /** Somebody who is banned is not in the room: by name among those who were met, or by the start of a fingerprint. */
  async #banned({ context }: OpenGroup, who: string): Promise<PublicIdentity> {
    const { names } = this.#parts;
    const met = await Promise.all([...context.banned].map(async (key) => await names.withSignatureKey(fromHex(key)!)));
    const found = await names.find(
      who,
      met.flatMap((one) => one ?? []),
    );
    if (found !== undefined) return found;
    throw new LairError("peer-unknown", "Nobody of that name is banned from this room.");
  }

  async #describe(command: Of<"topic" | "rename">): Promise<void> {
    const { worker } = this.#parts.places.inside(command.room);
    if (command.type === "rename") return await worker.want(described({ name: checkedName(command.name) }));
    if (toUtf8(command.topic).length > MAX_TOPIC_BYTES) {
      throw new LairError("message-too-long", `A topic has at most ${MAX_TOPIC_BYTES} bytes.`, { hint: "Shorten it." });
    }
    await worker.want(described({ topic: command.topic.trim() }));
  }

  /** A room of two, without a name. */
  async #direct({ who }: Of<"direct">): Promise<void> {
    const { places, showing } = this.#parts;
    const hub = places.hub(undefined);
    const person = await places.anybody(hub, who);
    const known = places.all.find(
      ({ worker: { group } }) =>
        group?.context.kind === "direct" && group.view.roster.some((one) => isSameIdentity(one, person)),
    );
    if (known !== undefined) return showing.tell({ type: "joined", room: known.worker.view });
    const place = await this.#make(hub, { ...EMPTY, kind: "direct" }, false);
    await this.add(place, person);
  }

  // --- lines --------------------------------------------------------------------------------------------------------

  async #say(command: Of<"say" | "edit" | "delete" | "reply" | "react" | "timer">): Promise<void> {
    const { places, showing } = this.#parts;
    const place = places.inside(command.room);
    const content = await this.#contentOf(place, command);
    const id = await place.worker.say(content);
    if (!("text" in content) || content.kind === "edit" || place.hub.isHere) return;
    const { atMs, text } = content;
    showing.tell({ type: "queued", room: place.worker.view, id: toHex(id), atMs, text });
  }

  async #contentOf(
    place: Place,
    command: Of<"say" | "edit" | "delete" | "reply" | "react" | "timer">,
  ): Promise<RoomContent> {
    const atMs = this.#parts.clock.now().wallMs;
    const { timerS } = place.worker.room;
    const ttl = timerS === 0 ? {} : { ttlS: timerS };
    if (command.type === "say") return { kind: "text", atMs, text: command.text, ...ttl };
    if (command.type === "timer") return { kind: "timer", atMs, seconds: command.seconds };
    const line = await this.#parts.places.line(place, command.line);
    const to = toHex(line.id);
    switch (command.type) {
      case "edit":
        if (!line.isOwn) throw new LairError("group-not-allowed", "Nobody changes what others have said.");
        return { kind: "edit", atMs, to, text: command.text };
      case "delete":
        return { kind: "delete", atMs, to };
      case "reply":
        return { kind: "reply", atMs, to, text: command.text, ...ttl };
      case "react":
        return { kind: "reaction", atMs, to, reaction: command.emoji };
    }
  }

  async #look(command: Of<"history" | "search" | "export">): Promise<void> {
    const { places, store, showing, names } = this.#parts;
    const { worker } = places.room(command.room);
    const { view: room } = worker;
    const { id } = worker.room;
    const viewed = async (lines: Awaited<ReturnType<typeof store.lines>>): Promise<readonly RoomLineView[]> =>
      await Promise.all(lines.map((line) => lineView({ names }, line)));
    switch (command.type) {
      case "history": {
        const lines = await viewed(await store.lines(id, Number.MAX_SAFE_INTEGER, command.count));
        return showing.tell({ type: "room-history", room, occasion: "asked", lines });
      }
      case "search": {
        const { lines, total } = await store.search(id, command.words, MOST_FOUND);
        return showing.tell({ type: "room-found", room, words: command.words, lines: await viewed(lines), total });
      }
      case "export": {
        const all: RoomLineView[] = [];
        for (let before = Number.MAX_SAFE_INTEGER; ;) {
          const page = await store.lines(id, before, PAGE);
          all.unshift(...(await viewed(page)));
          if (page.length < PAGE) break;
          before = page[0]!.seq;
        }
        const count = this.#parts.exportLines(command.file, room, all);
        return showing.tell({ type: "room-exported", room, file: command.file, count });
      }
    }
  }

  // --- settings -----------------------------------------------------------------------------------------------------

  async #follow({ who }: Of<"follow">): Promise<void> {
    const { places, names, showing } = this.#parts;
    const person = await places.anybody(undefined, who);
    const key = toHex(person.signatureKey);
    const isFollowed = !this.#hubs().some(({ settings }) => settings.follows.includes(key));
    await this.#setAll(({ follows }) => ({
      follows: isFollowed ? [...follows, key] : follows.filter((one) => one !== key),
    }));
    showing.tell({ type: "followed", who: await names.view(person), isFollowed });
  }

  /** The user's own announcement room, which lets in everybody who asks. */
  async #feed(): Promise<void> {
    const { places, identity, showing } = this.#parts;
    const hub = places.hub(undefined);
    requireHere(hub);
    const known = hub.rooms.find(
      ({ view, room }) => room.standing === "joined" && hub.settings.feeds.includes(view.id),
    );
    if (known !== undefined) return showing.tell({ type: "joined", room: known.view });
    const { account } = await ask(hub, "find", { key: identity.publicKey, handle: undefined });
    const name = checkedName(account?.handle ?? "");
    const { worker } = await this.#make(hub, { ...EMPTY, kind: "announcement", name }, false, name);
    await hub.set({ ...hub.settings, feeds: [...hub.settings.feeds, worker.view.id] });
  }

  async #mark(command: Of<"marks" | "invisible">): Promise<void> {
    const { isOn } = command;
    const what = command.type === "invisible" ? "invisible" : command.what;
    await this.#setAll(() =>
      what === "invisible" ? { isInvisible: isOn } : what === "typing" ? { tellsTyping: isOn } : { tellsRead: isOn },
    );
    this.#parts.showing.tell({ type: "marks", what, isOn });
  }

  /** Tells the others of a room that the user types, or has read what is shown; if that is wanted. */
  async #note({ room, what }: Of<"noted">): Promise<void> {
    const { places, clock, store } = this.#parts;
    const { hub, worker } = places.inside(room);
    const atMs = clock.now().wallMs;
    if (!hub.isHere || !(what === "typing" ? hub.settings.tellsTyping : hub.settings.tellsRead)) return;
    if (what === "typing") return await tellSignal(this.#parts, hub, worker, { kind: "typing", atMs });
    const [last] = await store.lines(worker.room.id, Number.MAX_SAFE_INTEGER, 1);
    if (last === undefined || last.isOwn) return;
    await tellSignal(this.#parts, hub, worker, { kind: "read", atMs, to: toHex(last.id) });
  }

  async #verify({ who }: Of<"verify">): Promise<void> {
    const { places, names, suite, identity, showing } = this.#parts;
    const person = await places.anybody(undefined, who);
    showing.tell({ type: "room-verify", who: await names.view(person), words: safetyWords(suite, identity, person) });
  }

  async #setAll(change: (settings: RoomSettings) => Partial<RoomSettings>): Promise<void> {
    for (const hub of this.#hubs()) await hub.set({ ...hub.settings, ...change(hub.settings) });
  }

  #hubs(): readonly HubMembership[] {
    return this.#parts.places.hubs;
  }

  #hubsHere(): readonly HubMembership[] {
    return this.#hubs().filter(({ isHere }) => isHere);
  }
}

const EMPTY: RoomContext = {
  kind: "room",
  name: "",
  topic: "",
  sharedLines: 0,
  roles: new Map(),
  leaving: new Set(),
  banned: new Set(),
  links: new Map(),
};

/** Of which nothing is known yet. */
function blank(id: Uint8Array, hub: Uint8Array): StoredRoom {
  return {
    id,
    hub,
    standing: "creating",
    name: "",
    state: undefined,
    since: 0,
    first: 0,
    next: 0,
    commits: 0,
    log: encodeLogView(WHOLE_LOG),
    pending: undefined,
    timerS: 0,
    renewedAtMs: 0,
    lost: undefined,
    disagreeing: [],
    link: undefined,
    by: undefined,
  };
}

async function listedAt(hub: HubMembership): Promise<readonly { readonly room: Uint8Array; readonly name: string }[]> {
  const all: { readonly room: Uint8Array; readonly name: string }[] = [];
  for (let after: string | undefined; ; after = all.at(-1)!.name) {
    const { rooms } = await ask(hub, "listed", { after });
    all.push(...rooms);
    if (rooms.length < PAGE) return all;
  }
}

function requireHere({ isHere }: HubMembership): void {
  if (isHere) return;
  throw new LairError("hub-away", "The hub is not connected now.", { hint: "Try again once it is." });
}

/** Throws LairError `usage`. */
function checkedName(text: string): string {
  const name = cleanName(text.trim().replace(/^#/u, ""));
  if (name !== "" && toUtf8(name).length <= MAX_NAME_BYTES) return name;
  throw new LairError("usage", "A room has a name of at most 64 bytes.", { hint: "Choose another name." });
}

/** As many lines as fit into a message each. */
function inPieces(lines: readonly SharedLine[]): readonly (readonly SharedLine[])[] {
  const pieces: SharedLine[][] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = toUtf8(line.text).length;
    const last = pieces.at(-1);
    if (last === undefined || last.length === MAX_SHARED || bytes + size > SHARED_BYTES) {
      pieces.push([line]);
      bytes = size;
    } else {
      last.push(line);
      bytes += size;
    }
  }
  return pieces;
}
