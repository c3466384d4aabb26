// Who may connect at the moment: a rate for each address, and a draw among those who have not authenticated yet. Knows
// no socket; time and randomness are passed in.
//
// The draw (after OpenSSH's MaxStartups) drops a random one of ALL who wait, not the newcomer. If it dropped newcomers,
// 64 silent sockets every 5 s would lock everybody out; if it dropped the oldest, the fastest flood would win. With a
// random victim each arrival endangers a given peer by at most 1/64, and an honest peer waits for two round trips only:
// even at 1,000 arrivals a second it completes 20 ms of handshake three times in four, and can try again.

import { isIPv4, isIPv6 } from "node:net";
import type { Clock } from "../../app/ports.ts";
import type { ServerLimits } from "./limits.ts";

/** The memory of a network; its penalty starts small again after `maxPenaltyMs` without a new one. */
interface Account {
  tokens: number;
  countedAtMs: number;
  penaltyMs: number;
  blockedUntilMs: number;
}

export class ConnectionLimits {
  readonly #limits: ServerLimits;
  readonly #clock: Pick<Clock, "now">;
  readonly #random: () => number;
  /** Least recently seen first, which is the order in which entries are dropped. */
  readonly #accounts = new Map<string, Account>();

  /** `random` yields numbers from 0 up to, but not including, 1. */
  constructor(limits: ServerLimits, clock: Pick<Clock, "now">, random: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#random = random;
  }

  /** How many networks are remembered. */
  get size(): number {
    return this.#accounts.size;
  }

  /**
   * Whether a connection from `address` may stay; counts it. Loopback always may: behind a local proxy or a tunnel
   * everybody has that address, and the draw still applies to them. Attempts during a penalty do not lengthen it.
   */
  admits(address: string): boolean {
    if (isLoopbackAddress(address)) return true;
    const nowMs = this.#clock.now().monotonicMs;
    const account = this.#account(networkOf(address), nowMs);
    if (nowMs < account.blockedUntilMs) return false;
    if (account.penaltyMs > 0 && nowMs - account.blockedUntilMs >= this.#limits.maxPenaltyMs) account.penaltyMs = 0;

    const earned = ((nowMs - account.countedAtMs) * this.#limits.perAddressPerSecond) / 1000;
    account.tokens = Math.min(this.#limits.perAddressBurst, account.tokens + earned);
    account.countedAtMs = nowMs;
    if (account.tokens >= 1) {
      account.tokens -= 1;
      return true;
    }
    account.penaltyMs = Math.min(account.penaltyMs * 2 || this.#limits.penaltyMs, this.#limits.maxPenaltyMs);
    account.blockedUntilMs = nowMs + account.penaltyMs;
    return false;
  }

  /**
   * Draws the index of the connection to drop when `waiting` connections, including the newcomer, have not
   * authenticated; undefined if all may stay. The probability rises evenly from `dropFrom` to certainty at
   * `maxUnauthenticated`.
   */
  draw(waiting: number): number | undefined {
    const { dropFrom, maxUnauthenticated } = this.#limits;
    if (waiting < dropFrom) return undefined;
    const chance = (waiting - dropFrom + 1) / (maxUnauthenticated - dropFrom + 1);
    return this.#random() < chance ? Math.floor(this.#random() * waiting) : undefined;
  }

  #account(network: string, nowMs: number): Account {
    let account = this.#accounts.get(network);
    // Removed and added again, so that the map stays in order of use.
    if (account !== undefined) this.#accounts.delete(network);
    else if (this.#accounts.size >= this.#limits.maxAddresses) this.#forgetOldest();
    account ??= { tokens: this.#limits.perAddressBurst, countedAtMs: nowMs, penaltyMs: 0, blockedUntilMs: nowMs };
    this.#accounts.set(network, account);
    return account;
  }

  #forgetOldest(): void {
    for (const oldest of this.#accounts.keys()) {
      this.#accounts.delete(oldest);
      return;
    }
  }
}

/** Whether an IP address is this machine: 127.0.0.0/8, ::1, or the former in the notation of the latter. */
export function isLoopbackAddress(address: string): boolean {
  const plain = unmapped(address);
  // As the URL standard writes ::ffff:127.0.0.1.
  if (/^::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}$/i.test(plain)) return true;
  return plain === "::1" || (isIPv4(plain) && plain.startsWith("127."));
}

/**
 * The key of an address: all of an IPv4 address, the first 64 bits of an IPv6 address (the least that a customer gets).
 */
export function networkOf(address: string): string {
  const plain = unmapped(address).split("%", 1)[0]!;
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.toLowerCase().split("::", 2);
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

/** ::ffff:192.0.2.1, as a dual-stack socket reports IPv4, without its wrapping. */
function unmapped(address: string): string {
  return /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i.test(address) ? address.slice(7) : address;
}
