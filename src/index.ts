// Lair as a library: `import { ... } from "lair-chat"`. Everything that a whole session needs, in Node and in a browser:
// the sans-I/O core, and the runner that gives a session its carrier, clock and timers. docs/library.md has programs.

export { type SessionEnd, SessionRunner, type SessionRunnerOptions } from "./app/session-runner.ts";
export type { Carrier, Clock } from "./app/ports.ts";
export { webSocketCarrier, type WebSocketLike } from "./app/websocket-carrier.ts";
export * from "./core/channel/index.ts";
export { Chat, type ChatEvent } from "./core/chat/chat.ts";
export { ChatSession, type ChatSessionEvent } from "./core/chat/chat-session.ts";
export { Session, type SessionEvent } from "./core/chat/session.ts";
export { MemoryStore } from "./core/delivery/memory-store.ts";
export {
  type Change,
  type Cursors,
  LIFE_BYTES,
  type MessageContent,
  type NewMessage,
  type Store,
  STORE_ID_BYTES,
  type StoredLife,
  type StoredMessage,
  type StoredPeer,
} from "./core/delivery/store.ts";
export { LairError, type LairErrorCode, type LairErrorKind } from "./core/errors.ts";
export { fingerprint, type KnownKeys, shortFingerprint } from "./core/identity/fingerprint.ts";
export { formatInvite, type Invite, parseInvite } from "./core/identity/invite.ts";
export {
  generateIdentity,
  type Identity,
  identityFromPrivateKey,
  type PublicIdentity,
  signatureSeed,
} from "./core/identity/identity.ts";
export { decodePeer, encodePeer, type OpenInvite, type Peer } from "./core/identity/peer.ts";
export { type PeerView, viewPeer } from "./core/identity/peer-view.ts";
export { safetyWords } from "./core/identity/safety-words.ts";
export { type CipherSuite, type KeyPair, NOBLE_SUITE, type RandomSource } from "./core/noise/index.ts";
export {
  type ClientCredential,
  clientCredentials,
  ClientSession,
  type ClientSessionOptions,
  UntrustedKeyError,
} from "./core/pairing/client-session.ts";
export { MemoryPairings } from "./core/pairing/memory-pairings.ts";
export type { Pairings } from "./core/pairing/pairings.ts";
export { KeyChangedError } from "./core/pairing/key-changed.ts";
export { Server, type ServerOptions, type ServerRegistry } from "./core/pairing/server.ts";
export { ServerSession } from "./core/pairing/server-session.ts";
