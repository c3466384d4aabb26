// Lair's core as a library: the line without hands, for whoever brings other hands (a browser, a relay, a test).

export * from "./channel/index.ts";
export {
  type ClientCredential,
  clientCredentials,
  ClientSession,
  type ClientSessionOptions,
  UntrustedKeyError,
} from "./pairing/client-session.ts";
export { Server, ServerSession, type ServerOptions, type ServerRegistry } from "./pairing/server.ts";
export { Session, type SessionEvent } from "./chat/session.ts";
export { type PeerView, viewPeer } from "./identity/peer-view.ts";
export { LairError, type LairErrorCode } from "./errors.ts";
export { fingerprint, shortFingerprint } from "./identity/fingerprint.ts";
export { formatInvite, type Invite, parseInvite } from "./identity/invite.ts";
export { generateKeyPair, keyPairFromPrivateKey } from "./identity/key-pair.ts";
export type { OpenInvite, Peer } from "./identity/peer.ts";
export { safetyWords } from "./identity/safety-words.ts";
export { NOBLE_SUITE } from "./noise/index.ts";
