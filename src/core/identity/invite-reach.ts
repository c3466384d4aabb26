// Where an invite works. Without the parser of addresses: a page in a browser needs no more than this.

/** An address as formatInvite writes it: lower case, always with a port. */
const LOOPBACK = /^lairs?:\/\/(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:[a-z0-9_-]+\.)*localhost\.?):\d+[/?#]/;

/** Whether an invite leads to the machine on which it was made: its address is a loopback one (RFC 1122 §3.2.1.3, RFC 6761 §6.3). */
export function isForThisMachine(invite: string): boolean {
  return LOOPBACK.test(invite);
}
