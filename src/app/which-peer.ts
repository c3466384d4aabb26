// Finds the known peer that a user means: by a name, or by the start of a fingerprint.

import { LairError } from "../core/errors.ts";
import { fingerprint, shortFingerprint } from "../core/identity/fingerprint.ts";
import type { Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { CipherSuite } from "../core/noise/index.ts";

/** Ours, as in the command `trust`: hard enough to match with another key, and quickly typed. */
const LEAST_LETTERS = 8;

/** Its letters, without blanks. */
const WHOLE_FINGERPRINT = /^[a-z2-7]{32}$/;

/**
 * The one peer that `who` means. Throws LairError peer-unknown with `hint` and a list of the known peers if it matches
 * none, or more than one.
 */
export function peerMeant(suite: CipherSuite, peers: readonly Peer[], who: string, hint: string): Peer {
  if (peers.length === 0) {
    throw new LairError("peer-unknown", `Nobody is paired here yet, so nobody has the name "${who}".`, {
      hint: "Pair first: start lair-client without --peer, and give it the invite.",
    });
  }
  const [only, ...others] = peersMeant(suite, peers, who);
  if (only !== undefined && others.length === 0) return only;
  throw new LairError("peer-unknown", `${only === undefined ? "Nobody" : "More than one"} here goes by "${who}".`, {
    details: shortListOf(suite, peers),
    hint,
  });
}

/** A line for each peer: its name, and the start of its fingerprint. */
export function shortListOf(suite: CipherSuite, peers: readonly Peer[]): string[] {
  return peers.map((peer) => `${nameInSentence(peer.name)}  ${shortFingerprint(suite, peer)}`);
}

/** The only peer with exactly this name, or whose fingerprint starts so: for who is trusted. Undefined: none, or several. */
export function peerNamedExactly(suite: CipherSuite, peers: readonly Peer[], who: string): Peer | undefined {
  const [only, ...others] = peersNamedExactly(suite, peers, who);
  return others.length === 0 ? only : undefined;
}

/** Whether these are all letters of a fingerprint: no name is taken for it. */
export function isWholeFingerprint(who: string): boolean {
  return WHOLE_FINGERPRINT.test(lettersOf(who));
}

/** All whom `who` could mean. */
export function peersMeant(suite: CipherSuite, peers: readonly Peer[], who: string): readonly Peer[] {
  const exact = peersNamedExactly(suite, peers, who);
  if (exact.length > 0 || isWholeFingerprint(who)) return exact;
  return peers.filter((peer) => folded(peer.name) === folded(who));
}

function peersNamedExactly(suite: CipherSuite, peers: readonly Peer[], who: string): readonly Peer[] {
  // A whole fingerprint is one person's, even if somebody else has it for a name, and that person is not here any more.
  const letters = lettersOf(who);
  const proven = peers.filter((peer) => lettersOf(fingerprint(suite, peer)) === letters);
  if (proven.length > 0) return proven;
  const former = peers.filter((peer) => letters === formerLetters(suite, peer));
  if (former.length > 0 || WHOLE_FINGERPRINT.test(letters)) return former;
  return peers.filter((peer) => peer.name === who || isStartOf(suite, who, peer));
}

/** Those of the peers that have one of these fingerprints, which are whole. */
export function peersOf(suite: CipherSuite, peers: readonly Peer[], prints: readonly string[]): readonly Peer[] {
  const whole = new Set(prints.map(lettersOf));
  return peers.filter(
    (peer) => whole.has(lettersOf(fingerprint(suite, peer))) || whole.has(formerLetters(suite, peer)),
  );
}

function isStartOf(suite: CipherSuite, who: string, peer: Peer): boolean {
  const start = lettersOf(who);
  if (start.length < LEAST_LETTERS) return false;
  return lettersOf(fingerprint(suite, peer)).startsWith(start) || formerLetters(suite, peer).startsWith(start);
}

/** The fingerprint that it had before its signature key was pinned: a prompt or a script may still have that one. */
function formerLetters(suite: CipherSuite, { publicKey }: Peer): string {
  return lettersOf(fingerprint(suite, { publicKey }));
}

function lettersOf(fingerprintOrStart: string): string {
  return fingerprintOrStart.replaceAll(/\s/g, "").toLowerCase();
}

/** Letters that merely look alike are different here: nobody is addressed by mistake. */
function folded(name: string): string {
  return name
    .replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, "")
    .normalize("NFKC")
    .toLowerCase();
}
