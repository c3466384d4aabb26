// Where a client connects, and with which secrets: from its arguments, its pairings, an invite of a server in the same
// account, its standard input, or a question, in this order. Asks only in a terminal.

import { erase, fromUtf8 } from "../core/bytes.ts";
import { clientCredentials } from "../core/pairing/client-session.ts";
import { LairError } from "../core/errors.ts";
import { shortFingerprint } from "../core/identity/fingerprint.ts";
import { parseInvite } from "../core/identity/invite.ts";
import { findPeer, hubsAmong, isByPskFile, type Peer, peopleAmong } from "../core/identity/peer.ts";
import type { Pairings } from "../core/pairing/pairings.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { type Home, readSecretFile } from "../node/home/home.ts";
import type { LineReader } from "../node/line-reader.ts";
import { askInvite, askWhich } from "../node/terminal/ask.ts";
import type { ConnectTarget } from "../app/connect-target.ts";
import type { ClientArguments } from "./arguments.ts";
import { readHubLink } from "../app/hub-link.ts";
import { noText, textOf } from "./file-text.ts";
import { readPsk } from "./read-psk.ts";
import { isInteractive } from "./start.ts";
import { peerMeant, shortListOf } from "../app/which-peer.ts";

/**
 * Every server that the program connects to: the one that the arguments ask for, else all that are known and not muted.
 * Throws as {@link findTarget}.
 */
export async function findTargets(
  suite: CipherSuite,
  args: ClientArguments,
  home: Home,
  pairings: Pairings,
  lines: LineReader | undefined,
): Promise<readonly ConnectTarget[]> {
  const peers = pairings.peers();
  const isPipe = lines !== undefined && !args.json;
  const name = named(args, peers);
  // A room has no server of its own: all hubs are asked.
  const room = args.to?.startsWith("#") === true ? args.to : undefined;
  const to = room === undefined ? args.to : undefined;
  refuseContradiction(suite, [args.peer, name, to], peers);
  // --to says of a pipe which server it is for.
  const given = { ...args, peer: name ?? args.peer ?? (isPipe ? to : undefined) };
  const { inviteFile, pskFile, peer, url, queue } = given;
  const isOne = [inviteFile, pskFile, peer, url].some((value) => value !== undefined) || queue;
  // The lines of a pipe are for one person, or for a room.
  const meant = !isPipe ? peers : room === undefined ? peopleAmong(peers) : hubsAmong(peers);
  const dialled = meant.filter((known) => targetOf(known) !== undefined);
  const isMuted = meant.some((known) => known.isMuted === true);
  if (isPipe && !isOne && meant.length === 0 && peers.length > 0) throw nobodyForLines(room);
  if (!isOne && dialled.length > 0 && meant.length < peers.length && (dialled.length === 1 || room !== undefined)) {
    return dialled.flatMap((known) => targetOf(known) ?? []);
  }
  if (isOne || (dialled.length < 2 && !isMuted)) return [await findTarget(suite, given, home, pairings, lines)];
  if (isPipe && room === undefined && dialled.length !== 1) {
    throw new LairError("usage", "Several servers are known here, so it is not clear which one these lines are for.", {
      details: shortListOf(suite, peers),
      hint: "Say which one: --to NAME.",
    });
  }
  return dialled.flatMap((known) => targetOf(known) ?? []);
}

/** A pipe says from its beginning to whom its lines go. */
function nobodyForLines(room: string | undefined): LairError {
  if (room !== undefined) return new LairError("usage", `No hub is known here, so there is no room ${room}.`);
  return new LairError("usage", "Only hubs are known here, so it is not clear which room these lines are for.", {
    hint: 'Say which one: --to "#ROOM".',
  });
}

/** Where a known server is found by itself; undefined if it is muted, or if its address or secret is not stored. */
export function targetOf(peer: Peer): ConnectTarget | undefined {
  const credentials = clientCredentials(peer, undefined);
  if (peer.isMuted === true || peer.url === undefined || credentials.length === 0) return undefined;
  return { url: peer.url, how: "known", credentials };
}

/** A known server that is named in the place of the address. Throws LairError `peer-unknown` for what is no host. */
function named({ nameOrHost, url }: ClientArguments, peers: readonly Peer[]): string | undefined {
  if (nameOrHost === undefined) return undefined;
  const isKnown = peers.some(({ name }) => name.toLowerCase() === nameOrHost.toLowerCase());
  return isKnown || url === undefined ? nameOrHost : undefined;
}

/** Throws LairError `usage` if --peer, a name and --to do not mean one server, and `peer-unknown` as {@link peerMeant}. */
function refuseContradiction(
  suite: CipherSuite,
  [peer, name, to]: readonly [string | undefined, string | undefined, string | undefined],
  peers: readonly Peer[],
): void {
  if (peers.length === 0 || (peer === undefined && name === undefined)) return;
  const asked = [peer, name].flatMap((who) => (who === undefined ? [] : [chosen(suite, who, peers)]));
  const [first, ...others] = to === undefined ? asked : [...asked, chosen(suite, to, peers, "--to")];
  const other = others.find((one) => one !== first);
  if (first === undefined || other === undefined) return;
  const [one, another] = [nameInSentence(first.name), nameInSentence(other.name)];
  throw new LairError("usage", `The arguments name both ${one} and ${another}, so nothing was sent to either.`, {
    hint: "Name one of them only: --to NAME for the lines of a pipe, or lair-client NAME to connect to one server.",
  });
}

/** Throws LairError `usage` when it takes more than is known, invite-*, psk-*, home-* and file-* for what is no good. */
export async function findTarget(
  suite: CipherSuite,
  args: ClientArguments,
  home: Home,
  pairings: Pairings,
  lines: LineReader | undefined,
): Promise<ConnectTarget> {
  const peers = pairings.peers();
  if (!args.queue) return await findKnownTarget(suite, args, home, peers, lines);
  // The first line of the input would be taken for an invite, and the recipient of the others would be unknown.
  const target = peers.length === 0 ? undefined : await findKnownTarget(suite, args, home, peers, lines);
  if (target !== undefined && knownPeer(target) !== undefined) return target;
  throw new LairError("usage", "You are not paired with that server yet, so nothing can be kept for it.", {
    hint: "Connect once without --queue; then --queue keeps what is said.",
  });
}

async function findKnownTarget(
  suite: CipherSuite,
  args: ClientArguments,
  home: Home,
  peers: readonly Peer[],
  lines: LineReader | undefined,
): Promise<ConnectTarget> {
  if (args.inviteFile !== undefined) {
    return fromInvite(readInviteFile(args.inviteFile), "invite", args, peers);
  }
  if (args.pskFile !== undefined) return fromPskFile(suite, args.pskFile, args, peers);
  if (args.peer !== undefined) {
    const isName = args.nameOrHost !== undefined && args.peer === args.nameOrHost;
    const option = args.peer === args.to ? "--to" : "--peer";
    return fromPeer(chosen(suite, args.peer, peers, option), isName ? { ...args, url: undefined } : args);
  }
  const isKnown = peers.some(({ url }) => url !== undefined && url === args.url);
  // If other servers are known, an invite of this account counts only for the requested address.
  const found = peers.length === 0 || (args.url !== undefined && !isKnown) ? home.findInvite() : undefined;
  if (found !== undefined && (peers.length === 0 || parseInvite(found).url === args.url)) {
    return fromInvite(found, "found-invite", args, peers);
  }
  if (peers.length > 0) return await fromPeers(suite, peers, args);
  const text = await receiveInvite(args, lines);
  try {
    return fromInvite(text, "invite", args, peers);
  } catch (error) {
    if (lines === undefined || !(error instanceof LairError) || error.code !== "invite-malformed") throw error;
    const message =
      "This client is not paired yet, so the first line of its input must be an invite, and it is not one.";
    throw new LairError(error.code, message, {
      details: [error.message],
      hint: "Pair first: start lair-client in a terminal, or with --invite-file FILE. Then give the same input again.",
      cause: error,
    });
  }
}

/** The invite in a file. Throws LairError home-mode, file-unreadable, invite-malformed. */
function readInviteFile(path: string): string {
  const bytes = readSecretFile(path, "the invite file");
  const [fault, text] = [noText(bytes), fromUtf8(textOf(bytes))];
  erase(bytes);
  if (fault !== undefined || text === undefined) {
    const { what, hint } = fault ?? { what: "is not text in UTF-8", hint: "Save it as UTF-8 again." };
    throw new LairError("invite-malformed", `${path}, named as the invite file, ${what}.`, { hint });
  }
  return text;
}

/** The target of an invite in a file, for a server that connects as well. Throws as {@link findTarget}. */
export function targetOfInviteFile(path: string, peers: readonly Peer[]): ConnectTarget {
  return fromInvite(readInviteFile(path), "invite", { url: undefined }, peers);
}

/** The peer that a plan leads to, if it is known beforehand. */
export function knownPeer({ credentials: [credential] }: ConnectTarget): Peer | undefined {
  return credential?.peer;
}

/** The key that must answer; empty if any may. */
export function expectedKey({ credentials: [credential] }: ConnectTarget): Uint8Array {
  return credential?.type === "invite" ? credential.serverKey : (credential?.peer?.publicKey ?? new Uint8Array());
}

/** How to reconnect to the peer of `before`: as stored now, because pairing may have changed the secret. */
export function targetFor(peer: Peer, before: ConnectTarget, peers: readonly Peer[]): ConnectTarget {
  const known = findPeer(peers, peer.publicKey) ?? peer;
  const [first] = before.credentials;
  if (first?.type === "psk-file") return { ...before, credentials: [{ ...first, peer: known }] };
  return { ...before, how: "known", credentials: clientCredentials(known, undefined) };
}

function fromInvite(
  text: string,
  how: "invite" | "found-invite",
  args: Pick<ClientArguments, "url">,
  peers: readonly Peer[],
): ConnectTarget {
  const { invite, credentials, roomLink } = readHubLink(text, peers);
  return { url: args.url ?? invite.url, how, credentials, ...(roomLink === undefined ? {} : { roomLink }) };
}

function fromPskFile(suite: CipherSuite, path: string, args: ClientArguments, peers: readonly Peer[]): ConnectTarget {
  const psk = readPsk(suite, path);
  const known = args.peer === undefined ? peers.filter(isByPskFile) : [chosen(suite, args.peer, peers)];
  const url = args.url ?? (known.length === 1 ? known[0]?.url : undefined);
  if (url === undefined) {
    throw new LairError("usage", "With --psk-file the server's address is needed too.", {
      hint: "For example: lair-client ws://HOST:PORT --psk-file FILE",
    });
  }
  // However the two met: a server that is known by an invite must not show another key under the psk file either.
  const peer = args.peer === undefined ? latestAt(url, peers) : known[0];
  return { url, how: "psk-file", credentials: [{ type: "psk-file", psk, peer }] };
}

/** The peer that is known at an address: the one paired last, if a server there was set up again. */
function latestAt(url: string | undefined, peers: readonly Peer[]): Peer | undefined {
  const there = peers.filter((peer) => url !== undefined && peer.url === url);
  return there.toSorted((a, b) => a.pairedAtMs - b.pairedAtMs).at(-1);
}

async function fromPeers(suite: CipherSuite, peers: readonly Peer[], args: ClientArguments): Promise<ConnectTarget> {
  // A hub is meant only if there is nobody else.
  const people = peopleAmong(peers);
  const meant = people.length > 0 ? people : peers;
  return fromPeer(latestAt(args.url, peers) ?? (await choose(suite, meant, args.url)), args);
}

/** At a given address the peer may be new: the address is kept once the peer has proved itself there. */
function fromPeer(peer: Peer, args: ClientArguments): ConnectTarget {
  const credentials = clientCredentials(peer, undefined);
  const url = args.url ?? peer.url;
  if (credentials.length === 0) {
    throw new LairError(
      "usage",
      `You and ${nameInSentence(peer.name)} are paired through a psk file, which was not given.`,
      {
        hint: "Start lair-client with --psk-file FILE.",
      },
    );
  }
  if (url !== undefined) return { url, how: "known", credentials };
  throw new LairError("usage", `No address of ${nameInSentence(peer.name)} is known.`, {
    hint: "Give it: lair-client ws://HOST:PORT",
  });
}

function chosen(suite: CipherSuite, who: string, peers: readonly Peer[], option: "--peer" | "--to" = "--peer"): Peer {
  const hint = `Give ${option} one of these names, or the first eight or more characters of a fingerprint.`;
  return peerMeant(suite, peers, who, hint);
}

async function choose(suite: CipherSuite, peers: readonly Peer[], url: string | undefined): Promise<Peer> {
  const [only, ...others] = peers;
  if (only !== undefined && others.length === 0) return only;
  const names = peers.map(
    (peer) => `${nameInSentence(peer.name)}  ${shortFingerprint(suite, peer)}  ${peer.url ?? ""}`,
  );
  const index = isInteractive() ? await askWhich(names) : undefined;
  const chosen = index === undefined ? undefined : peers[index];
  if (chosen !== undefined) return chosen;
  throw new LairError("usage", "Several servers are known here, so it is not clear which one you mean.", {
    details: names,
    hint:
      url === undefined
        ? "Say which one: --peer NAME, or its address."
        : `None of them was ever reached at ${url}. If one has moved there, say which one: --peer NAME`,
  });
}

async function receiveInvite(args: ClientArguments, lines: LineReader | undefined): Promise<string> {
  if (!args.json) {
    const text = isInteractive() ? await askInvite() : await lines?.first();
    if (text !== undefined && text.trim() !== "") return text;
  }
  throw new LairError("usage", "No server is known here yet, and there is no invite.", {
    hint: "Start lair-server in this account, or give its invite: --invite-file FILE, or a line on standard input.",
  });
}
