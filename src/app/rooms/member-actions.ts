// The commands about the members of a room, and about the room itself.

import { fromHex, toHex, toUtf8 } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { decodeBundle } from "../../core/room/package-bundle.ts";
import { roleOf } from "../../core/room/policy.ts";
import { MAX_TOPIC_BYTES } from "../../core/room/room-context.ts";
import { formatRoomLink } from "../../core/room/room-link.ts";
import { MAX_SHARED, type SharedLine } from "../../core/room/room-message.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import { ask, isAway } from "./hub-calls.ts";
import {
  described,
  linkKnown,
  linksRevoked,
  linksForgotten,
  memberAdded,
  memberBanned,
  memberRemoved,
  memberUnbanned,
  roleGiven,
} from "./room-goals.ts";
import { type OpenGroup } from "./room-ground.ts";
import { ROLE_PHRASES } from "./room-command-row.ts";
import { isLastAdmin, onlyAdmin, requireAdmin, requireInviting, requireRole } from "./role-checks.ts";
import { roomStatus } from "./room-status.ts";
import { keyChanged, type Place } from "./room-places.ts";
import type { RoomReport } from "./room-reports.ts";
import { sharedOf } from "./taken-message.ts";
import { type ActionParts, checkedName, type CommandOf, requireHere } from "./action-parts.ts";

/** Ours: a link is for a handful of people and a week, unless one says otherwise. */
const LINK_USES = 10;
const LINK_S = 7 * 86_400;
const LINK_SECRET_BYTES = 32;
const LINK_ID_BYTES = 16;
/** Ours: bytes of text in one message of shared lines, far below what a message may have. */
const SHARED_BYTES = 32_768;

/** Ours: a link of somebody else that the hub does not have may be on its way there for so long. */
const LINK_ON_ITS_WAY_MS = 60_000;

interface Links {
  readonly known: readonly string[];
  readonly atHub: readonly string[];
}

export class MemberActions {
  readonly #parts: ActionParts;
  /** By room in hex: since when links are known here that the hub does not have; by the monotonic clock. */
  readonly #onTheirWay = new Map<string, ReadonlyMap<string, number>>();

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  async members({ room }: CommandOf<"members">): Promise<RoomReport> {
    const { places, names, identity } = this.#parts;
    const { hub, worker, group } = places.inside(room);
    const online = new Set<string>();
    if (hub.isHere) {
      const { seats } = await ask(hub, "seats", { room: worker.room.id });
      for (const { key, isOnline } of seats) if (isOnline) online.add(toHex(key));
    }
    const follows = new Set(places.hubs.flatMap(({ settings }) => settings.follows));
    const members = group.view.roster.map(async (who) => ({
      ...(await names.view(who)),
      role: roleOf(group.context, who),
      isOnline: online.has(toHex(who.publicKey)) || (hub.isHere && isSameIdentity(who, identity)),
      ...(follows.has(toHex(who.signatureKey)) ? { isFollowed: true as const } : {}),
    }));
    const { topic } = group.context;
    return { type: "members", room: worker.view, topic, members: await Promise.all(members) };
  }

  async status({ room }: CommandOf<"status">): Promise<RoomReport> {
    const status = await roomStatus(this.#parts, room);
    return { type: "room-status", room: this.#parts.places.room(room).worker.view, status };
  }

  async invite({ room, who }: CommandOf<"invite">): Promise<void> {
    const place = this.#parts.places.inside(room);
    requireInviting(place.group.context, this.#parts.identity);
    await this.add(place, await this.#parts.places.anybody(place.hub, who));
  }

  /** Adds somebody, who then accepts or declines. */
  async add({ hub, worker }: Place, who: PublicIdentity): Promise<void> {
    requireHere(hub);
    const { names } = this.#parts;
    if (worker.group?.view.roster.some((one) => isSameIdentity(one, who)) === true) {
      throw new LairError("usage", `${(await names.view(who)).name} is in the room already, or has an invitation.`, {
        hint: "Type members to see who is in it.",
      });
    }
    if (worker.group?.context.banned.has(toHex(who.signatureKey)) === true) {
      const { name } = await names.view(who);
      throw new LairError("group-not-allowed", `${name} is banned from this room.`, {
        hint: `Type unban and the name to let them come back.`,
      });
    }
    await this.addWith(worker, who, await this.keyPackage(hub, who, worker.group?.view.suite));
  }

  /** Adds somebody by a key package of hers. */
  async addWith(worker: Place["worker"], who: PublicIdentity, keyPackage: Uint8Array): Promise<void> {
    await worker.want(memberAdded(who, keyPackage));
    await this.#share(worker);
  }

  /** One of somebody's key packages for rooms of this suite; the hub has it no more. Rejects with LairError. */
  async keyPackage(
    hub: Place["hub"],
    who: PublicIdentity,
    suite: OpenGroup["view"]["suite"] | undefined,
  ): Promise<Uint8Array> {
    const taken = await ask(hub, "take", { key: who.publicKey });
    if (taken.package === undefined) {
      throw new LairError("key-package-unusable", "The hub has no key package for adding this person.", {
        hint: "Ask them to start a program of Lair and connect to the hub once.",
      });
    }
    for (const keyPackage of decodeBundle(taken.package)) {
      const view = await this.#parts.groups.readKeyPackage(keyPackage);
      if (view.suite !== suite) continue;
      if (!isSameIdentity(view.who, who)) throw keyChanged();
      return keyPackage;
    }
    throw new LairError("key-package-unusable", "This person's program cannot take part in rooms of this kind.", {
      hint: "Ask them to update Lair, or make another room with create NAME --classic.",
    });
  }

  /** Hands the last lines to somebody who was added, if the room does that. */
  async #share(worker: Place["worker"]): Promise<void> {
    const count = worker.group?.context.sharedLines ?? 0;
    if (count === 0) return;
    const { store, clock } = this.#parts;
    const kept = (await store.lines(worker.room.id, worker.room.next, count)).flatMap((line) => sharedOf(line) ?? []);
    for (const lines of inPieces(kept)) await worker.say({ kind: "shared", atMs: clock.now().wallMs, lines });
  }

  async link({ room, uses = LINK_USES, expiresInS = LINK_S }: CommandOf<"link">): Promise<RoomReport> {
    const { places, random, clock, showing, urlOf } = this.#parts;
    const place = places.inside(room);
    const { hub, worker, group } = place;
    requireRole(group.context, this.#parts.identity, "make links");
    requireHere(hub);
    const url = urlOf(hub.hubKey);
    if (url === undefined)
      throw new LairError("usage", "The hub's address is not known, so no link can lead there.", {
        hint: "Type address, the name of the hub and its URL.",
      });
    const over = await this.#linksThatAreOver(place);
    const [id, secret] = [random(LINK_ID_BYTES), random(LINK_SECRET_BYTES)];
    const expiresAtMs = clock.now().wallMs + 1_000 * expiresInS;
    // The members first: a link that only the hub knows would be used up in vain.
    await worker.want(linkKnown(id, secret, over.known));
    try {
      // The hub counts them, too.
      await this.#revokeAtHub(place, over.atHub);
      const asked = { room: worker.room.id, link: toHex(id), uses, expiresAtMs };
      const { invite: psk = new Uint8Array(32) } = await ask(hub, "add-link", asked);
      // Handed out, it would be one that leads nowhere.
      if (worker.group?.context.links.has(toHex(id)) !== true) throw linksRevoked();
      const link = formatRoomLink({ invite: { url, psk, serverKey: hub.hubKey }, room: worker.room.id, id, secret });
      return { type: "room-link", room: worker.view, link, uses, expiresAtMs };
    } catch (error) {
      // Nobody has it. Once the hub is here again, if that is why.
      if (!isAway(error)) this.#revokeAtHub(place, [toHex(id)]).catch(() => {});
      worker.want(linksForgotten([toHex(id)])).catch((problem: unknown) => {
        if (!isAway(problem)) showing.error(problem, worker.view);
      });
      throw error;
    }
  }

  async revokeLinks({ room }: CommandOf<"revoke-links">): Promise<RoomReport> {
    const { places, showing } = this.#parts;
    const { hub, worker, group } = places.inside(room);
    requireRole(group.context, this.#parts.identity, "revoke links");
    requireHere(hub);
    const links = [...group.context.links.keys()];
    if (links.length === 0)
      throw new LairError("usage", "There are no links to this room.", { hint: "Type invite link to make one." });
    await worker.want(linksForgotten(links));
    const report = { type: "links-revoked", room: worker.view, count: links.length, isAsked: true } as const;
    showing.tell(report);
    await this.#revokeAtHub({ hub, worker }, links);
    return report;
  }

  /** Links by which nobody comes any more: ids in hex, of the room's data and of the hub. */
  async #linksThatAreOver({ hub, worker, group }: Place & { readonly group: OpenGroup }): Promise<Links> {
    const { identity, clock } = this.#parts;
    // The rules refuse what somebody else wants, and say why.
    if (roleOf(group.context, identity) === "member") return { known: [], atHub: [] };
    const { links } = await ask(hub, "links", { room: worker.room.id });
    const { wallMs, monotonicMs } = clock.now();
    const isOver = ({ uses, expiresAtMs }: (typeof links)[number]): boolean => uses < 1 || expiresAtMs <= wallMs;
    const atHub = links.filter(isOver).map(({ link }) => link);
    const good = new Set(links.filter((one) => !isOver(one)).map(({ link }) => link));
    const before = this.#onTheirWay.get(worker.view.id);
    // Who makes a link tells the members first: another admin's may not be at the hub yet.
    const missing = [...group.context.links.keys()].filter((link) => !good.has(link) && !atHub.includes(link));
    const since = new Map(missing.map((link) => [link, before?.get(link) ?? monotonicMs]));
    this.#onTheirWay.set(worker.view.id, since);
    const lost = missing.filter((link) => monotonicMs - since.get(link)! >= LINK_ON_ITS_WAY_MS);
    return { known: [...atHub, ...lost], atHub };
  }

  async #revokeAtHub({ hub, worker }: Place, links: readonly string[]): Promise<void> {
    for (const link of links) await hub.call("revoke-link", { room: worker.room.id, link });
  }

  async role({ room, who, role }: CommandOf<"role">): Promise<void> {
    const { places, names, identity } = this.#parts;
    const { hub, worker, group } = places.inside(room);
    requireHere(hub);
    const person = await places.member(group, who);
    const isOwn = isSameIdentity(person, identity);
    const { context } = group;
    const givesUp = isOwn && role === "member";
    if (!givesUp) requireAdmin(context, identity, "give and take roles");
    if (roleOf(context, person) === role && context.kind !== "direct") {
      const whose = isOwn ? "You are" : `${(await names.view(person)).name} is`;
      throw new LairError("usage", `${whose} ${ROLE_PHRASES[role]} here already.`, {
        hint: "Type members to see the roles.",
      });
    }
    if (isOwn && isLastAdmin(group, identity)) throw onlyAdmin();
    await worker.want(roleGiven(person, role));
  }

  async remove({ type, room, who }: CommandOf<"remove" | "ban" | "unban">): Promise<void> {
    const { places } = this.#parts;
    const { hub, worker, group } = places.inside(room);
    requireHere(hub);
    const { identity } = this.#parts;
    const person = type === "unban" ? undefined : await places.member(group, who);
    if (person !== undefined && isSameIdentity(person, identity)) {
      throw new LairError("usage", `You cannot ${type} yourself.`, { hint: "Type leave to leave the room." });
    }
    requireRole(group.context, identity, type === "remove" ? "remove people" : "ban people and let them come back");
    if (person === undefined) return await worker.want(memberUnbanned(await this.#banned(group, who)));
    if (roleOf(group.context, person) !== "member") {
      requireAdmin(group.context, identity, `${type} somebody who has a role here`);
    }
    const links = [...group.context.links.keys()];
    await worker.want(type === "ban" ? memberBanned(person) : memberRemoved(person));
    if (links.length === 0) return;
    this.#parts.showing.tell({ type: "links-revoked", room: worker.view, count: links.length });
    await this.#revokeAtHub({ hub, worker }, links);
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
    throw new LairError("peer-unknown", "Nobody of that name is banned from this room.", {
      hint: "Write the name as members showed it; the first eight letters of a fingerprint work too.",
    });
  }

  async describe(command: CommandOf<"topic" | "rename">): Promise<void> {
    const { hub, worker, group } = this.#parts.places.inside(command.room);
    requireRole(group.context, this.#parts.identity, `change the ${command.type === "rename" ? "name" : "topic"}`);
    requireHere(hub);
    if (command.type === "rename") return await worker.want(described({ name: checkedName(command.name) }));
    if (toUtf8(command.topic).length > MAX_TOPIC_BYTES) {
      throw new LairError("message-too-long", `A topic has at most ${MAX_TOPIC_BYTES} bytes.`, { hint: "Shorten it." });
    }
    await worker.want(described({ topic: command.topic.trim() }));
  }
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
