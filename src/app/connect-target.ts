// Where a client connects, and which secrets it tries there.

import type { ClientCredential } from "../core/pairing/client-session.ts";

export interface ConnectTarget {
  readonly url: string;
  readonly how: "invite" | "found-invite" | "known" | "psk-file";
  /** To be tried one after the other. */
  readonly credentials: readonly ClientCredential[];
  /** The link to a room that it comes from: it is used once the hub is there. */
  readonly roomLink?: string | undefined;
}
