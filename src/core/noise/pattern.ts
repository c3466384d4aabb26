// Handshake patterns as data: Noise revision 34, §7 (fundamental, one-way), §9.4 (psk modifiers), §18.1 (deferred).
// The table is written in the specification's own notation, so that it can be compared with it line by line.
// Knows nothing of keys or ciphers; `handshake-state.ts` is the one interpreter.

import { NoiseError } from "./noise-error.ts";

/** §7.1, §9.2: what a message pattern is made of. */
export type Token = "e" | "s" | DhToken | "psk";
/** The first letter is the initiator's key, the second the responder's. */
export type DhToken = "ee" | "es" | "se" | "ss";
/** Who begins, and who answers. */
export type Role = "initiator" | "responder";

/** One message of a pattern: its tokens in order (§7.1). */
export interface MessagePattern {
  readonly sender: Role;
  readonly tokens: readonly Token[];
}

/** A pattern with its modifiers applied (§7, §8, §9). */
export interface HandshakePattern {
  /** With its modifiers, such as "XXpsk2" or "NNpsk0+psk2". */
  readonly name: string;
  /** Whose static key is known to the other side in advance. */
  readonly preMessages: readonly Role[];
  readonly messages: readonly MessagePattern[];
  /** How many psk tokens there are, each with a 32-byte psk of its own. */
  readonly pskCount: number;
  /** §7.4: only the initiator sends, before and after the handshake. */
  readonly isOneWay: boolean;
}

const NOTATION = `
N:      <- s  ...  -> e, es
K:      -> s  <- s  ...  -> e, es, ss
X:      <- s  ...  -> e, es, s, ss

NN:     -> e  <- e, ee
NK:     <- s  ...  -> e, es  <- e, ee
NX:     -> e  <- e, ee, s, es
XN:     -> e  <- e, ee  -> s, se
XK:     <- s  ...  -> e, es  <- e, ee  -> s, se
XX:     -> e  <- e, ee, s, es  -> s, se
KN:     -> s  ...  -> e  <- e, ee, se
KK:     -> s  <- s  ...  -> e, es, ss  <- e, ee, se
KX:     -> s  ...  -> e  <- e, ee, se, s, es
IN:     -> e, s  <- e, ee, se
IK:     <- s  ...  -> e, es, s, ss  <- e, ee, se
IX:     -> e, s  <- e, ee, se, s, es

NK1:    <- s  ...  -> e  <- e, ee, es
NX1:    -> e  <- e, ee, s  -> es
X1N:    -> e  <- e, ee  -> s  <- se
X1K:    <- s  ...  -> e, es  <- e, ee  -> s  <- se
XK1:    <- s  ...  -> e  <- e, ee, es  -> s, se
X1K1:   <- s  ...  -> e  <- e, ee, es  -> s  <- se
X1X:    -> e  <- e, ee, s, es  -> s  <- se
XX1:    -> e  <- e, ee, s  -> es, s, se
X1X1:   -> e  <- e, ee, s  -> es, s  <- se
K1N:    -> s  ...  -> e  <- e, ee  -> se
K1K:    -> s  <- s  ...  -> e, es  <- e, ee  -> se
KK1:    -> s  <- s  ...  -> e  <- e, ee, se, es
K1K1:   -> s  <- s  ...  -> e  <- e, ee, es  -> se
K1X:    -> s  ...  -> e  <- e, ee, s, es  -> se
KX1:    -> s  ...  -> e  <- e, ee, se, s  -> es
K1X1:   -> s  ...  -> e  <- e, ee, s  -> se, es
I1N:    -> e, s  <- e, ee  -> se
I1K:    <- s  ...  -> e, es, s  <- e, ee  -> se
IK1:    <- s  ...  -> e, s  <- e, ee, se, es
I1K1:   <- s  ...  -> e, s  <- e, ee, es  -> se
I1X:    -> e, s  <- e, ee, s, es  -> se
IX1:    -> e, s  <- e, ee, se, s  -> es
I1X1:   -> e, s  <- e, ee, s  -> se, es
`;

const TOKENS: readonly Token[] = ["e", "s", "ee", "es", "se", "ss"];

const BASE_PATTERNS: ReadonlyMap<string, HandshakePattern> = new Map(
  NOTATION.trim()
    .split(/\n+/)
    .map((line) => readNotation(line))
    .map((pattern) => [pattern.name, pattern]),
);

/** The patterns with modifiers that have been asked for; there are only so many valid ones. */
const modifiedPatterns = new Map<string, HandshakePattern>();

/** The names of all patterns without modifiers. */
export const PATTERN_NAMES: readonly string[] = [...BASE_PATTERNS.keys()];

/**
 * Finds a pattern by its name with any psk modifiers (§8, §9.4), such as "XX", "KKpsk2", "NNpsk0+psk2".
 * Throws NoiseError `noise-unknown-protocol` for a name, a modifier or a position that does not exist.
 */
export function handshakePattern(name: string): HandshakePattern {
  const known = modifiedPatterns.get(name) ?? BASE_PATTERNS.get(name);
  if (known !== undefined) return known;
  const modified = withModifiers(name);
  modifiedPatterns.set(name, modified);
  return modified;
}

function withModifiers(name: string): HandshakePattern {
  const [, baseName = "", modifiers = ""] = /^([A-Z][A-Z0-9]*)(.*)$/.exec(name) ?? [];
  const base = BASE_PATTERNS.get(baseName);
  if (base === undefined) throw unknown(`there is no handshake pattern "${name}"`);
  const positions = modifiers.split("+").map((modifier) => {
    const position = /^psk(0|[1-9]\d*)$/.exec(modifier)?.[1];
    if (position === undefined) throw unknown(`"${modifier}" is not a psk modifier`);
    return Number(position);
  });
  // §8.1: where the order of modifiers makes no difference they are sorted, so that a protocol has one name.
  if (positions.some((position, index) => index > 0 && position <= positions[index - 1]!)) {
    throw unknown(`"${name}" does not name its psk positions in order, each once`);
  }
  if (Math.max(...positions) > base.messages.length) throw unknown(`"${name}" has a psk after its last message`);

  const messages = base.messages.map(({ sender, tokens }, index): MessagePattern => {
    // §9.4: psk0 stands at the beginning of the first message, pskN at the end of the Nth.
    const before: Token[] = index === 0 && positions.includes(0) ? ["psk"] : [];
    const after: Token[] = positions.includes(index + 1) ? ["psk"] : [];
    return { sender, tokens: [...before, ...tokens, ...after] };
  });
  return { ...base, name, messages, pskCount: positions.length };
}

/** Reads one line of the table. Only this file's own text comes here, so a mistake in it is a programmer's. */
function readNotation(line: string): HandshakePattern {
  const [name = "", body = ""] = line.split(":").map((part) => part.trim());
  const [messagesText = "", preText = ""] = body.split("...").toReversed();
  const readMessages = (text: string): MessagePattern[] =>
    [...text.matchAll(/(->|<-)([^-<]*)/g)].map(([, arrow, tokensText = ""]) => ({
      sender: arrow === "->" ? "initiator" : "responder",
      tokens: tokensText.split(",").map((word) => {
        const token = TOKENS.find((candidate) => candidate === word.trim());
        if (token === undefined) throw new TypeError(`the pattern table is damaged at "${line}"`);
        return token;
      }),
    }));
  return {
    name,
    preMessages: readMessages(preText).map(({ sender }) => sender),
    messages: readMessages(messagesText),
    pskCount: 0,
    isOneWay: name.length === 1,
  };
}

function unknown(reason: string): NoiseError {
  return new NoiseError("noise-unknown-protocol", `Not a Noise protocol that Lair knows: ${reason}.`);
}
