// Lair's core as a library: the line without hands, for whoever brings other hands (a browser, a relay, a test).

export * from "./core/channel/index.ts";
export * from "./core/chat/events.ts";
export {
  type GuestCredential,
  guestCredentials,
  GuestLine,
  type GuestOptions,
  UntrustedKeyError,
} from "./core/chat/guest.ts";
export { Host, HostLine, type HostOptions, type HostRegistry } from "./core/chat/host.ts";
export { Line, type LineEvent, viewPeer } from "./core/chat/line.ts";
export { LairError, type LairErrorCode } from "./core/errors.ts";
export { fingerprint, shortFingerprint } from "./core/identity/fingerprint.ts";
export { formatInvite, type Invite, parseInvite } from "./core/identity/invite.ts";
export { generateKeyPair, keyPairFromPrivateKey } from "./core/identity/key-pair.ts";
export type { OpenInvite, Peer } from "./core/identity/peer.ts";
export { safetyWords } from "./core/identity/safety-words.ts";
export { NOBLE_SUITE } from "./core/noise/index.ts";
