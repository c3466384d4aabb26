// What brings somebody to a hub: its invite, or a link to a room at it (docs/ROOMS.md). Pure.

import { findPeer, type Peer } from "../core/identity/peer.ts";
import { type Invite, parseInvite } from "../core/identity/invite.ts";
import { type ClientCredential, clientCredentials } from "../core/pairing/client-session.ts";
import { formatRoomLink, hasRoomLink, parseRoomLink } from "../core/room/room-link.ts";

/** An invite of a hub or of a person, or a link to a room, as it was read. */
interface HubLink {
  readonly invite: Invite;
  /** To be tried one after the other. */
  readonly credentials: readonly ClientCredential[];
  /** The link in its one form; undefined: it is an invite. */
  readonly roomLink: string | undefined;
}

/** Reads an invite, or a link to a room. `peers`: all that are known. Throws LairError `invite-malformed`. */
export function readHubLink(text: string, peers: readonly Peer[]): HubLink {
  const link = hasRoomLink(text) ? parseRoomLink(text) : undefined;
  const invite = link?.invite ?? parseInvite(text);
  const credentials = clientCredentials(findPeer(peers, invite.serverKey), invite);
  return { invite, credentials, roomLink: link === undefined ? undefined : formatRoomLink(link) };
}
