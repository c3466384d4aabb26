// The limits for a peer before and after it has authenticated. docs/SECURITY.md gives the reason for each figure. Only
// numbers; each names the code that enforces it.

// Fixed by the protocol (docs/PROTOCOL.md §2).

/** The WebSocket subprotocol that both sides require. */
export const SUBPROTOCOL = "lair.1";
/** The longest frame: Noise's maximum. */
export const MAX_FRAME_BYTES = 65_535;

/** Limits of every link. */
export interface LinkLimits {
  /** WebSocket pings, pongs and closes in a row without a message between them. */
  readonly controlFramesInARow: number;
  /** How long the closing handshake may take. */
  readonly closeMs: number;
  /** At this many queued bytes the caller should stop producing ... */
  readonly pauseAtBytes: number;
  /** ... and below this many, `drained` says that it may continue. */
  readonly resumeBelowBytes: number;
  /** Over this a link is terminated at once. */
  readonly maxQueuedBytes: number;
  /** How long a link may stay over `pauseAtBytes`. */
  readonly stuckMs: number;
}

/** Limits of a listener, and of each link that comes in through it. */
export interface ServerLimits extends LinkLimits {
  readonly headMs: number;
  readonly headBytes: number;
  /** From TCP accept to authenticated(). */
  readonly handshakeMs: number;
  readonly frameBytesBeforeAuthentication: number;
  /** Connections not yet authenticated: never more than this many, and random early drop from `dropFrom` on. */
  readonly maxUnauthenticated: number;
  readonly dropFrom: number;
  /** Per address: a token bucket, then a penalty that doubles. */
  readonly perAddressPerSecond: number;
  readonly perAddressBurst: number;
  readonly penaltyMs: number;
  readonly maxPenaltyMs: number;
  readonly maxAddresses: number;
}

export const LINK_LIMITS: LinkLimits = {
  controlFramesInARow: 32,
  closeMs: 2000,
  pauseAtBytes: 64 * 1024,
  resumeBelowBytes: 16 * 1024,
  maxQueuedBytes: 1024 * 1024,
  stuckMs: 10_000,
};

export const SERVER_LIMITS: ServerLimits = {
  ...LINK_LIMITS,
  headMs: 5000,
  headBytes: 8 * 1024,
  handshakeMs: 5000,
  frameBytesBeforeAuthentication: 1024,
  maxUnauthenticated: 64,
  dropFrom: 32,
  perAddressPerSecond: 20,
  perAddressBurst: 5,
  penaltyMs: 15_000,
  maxPenaltyMs: 600_000,
  maxAddresses: 65_536,
};
