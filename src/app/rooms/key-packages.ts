// The key packages of a member at one hub: others use them to add the member while it is away. A fixed number of them
// is there, and a last resort, which may be used more than once. Their secrets are stored here before the hub gets
// them.

import { toHex } from "../../core/bytes.ts";
import type { GroupSuite, NewKeyPackage } from "../../core/room/group-crypto.ts";
import { encodeBundle } from "../../core/room/package-bundle.ts";
import { ask, type HubCalls } from "./hub-calls.ts";
import { type RoomParts, withSigner } from "./room-ground.ts";
import type { RoomStore, StoredPackage } from "./room-store.ts";

interface PackageParts extends Pick<RoomParts, "groups" | "clock" | "random" | "suite" | "identity"> {
  readonly store: RoomStore;
  readonly hub: HubCalls;
  readonly hubKey: Uint8Array;
}

/** How many wait at the hub. */
const KEPT = 20;
/** Ours: a hub that says that none are left must not fill the store. Of each suite; then the last resort serves. */
const MOST_STORED = 200;
const DAY_MS = 86_400_000;
/** The hub hands one out for so long. */
const LIFETIME_MS = 84 * DAY_MS;
/** Ours: a welcome may have waited for a month when its member comes; then the secret goes. */
const WELCOME_MS = 31 * DAY_MS;
/** Ours: clocks differ. */
const EARLIER_S = 3_600;
const ID_BYTES = 16;
const SUITES: readonly GroupSuite[] = ["hybrid", "classic"];

/**
 * Publishes as many as are missing, and drops secrets that nobody can use any more. `wanted`: how many are to wait there at
 * least. Rejects with LairError.
 */
export async function replenish(parts: PackageParts, wanted: number = KEPT): Promise<void> {
  const { store, clock, hub, hubKey } = parts;
  const nowMs = clock.now().wallMs;
  const stored = await store.packages(hubKey);
  const over = stored.filter(({ expiresAtMs }) => expiresAtMs + WELCOME_MS < nowMs);
  if (over.length > 0) await store.change({ dropPackages: over.map(({ ref }) => ref) });
  const unsent = stored.filter(({ toPublish, expiresAtMs }) => toPublish !== undefined && expiresAtMs > nowMs);
  // It says how many wait there.
  const { count } = await publish(parts, unsent);
  const needsLastResort = !stored.some((one) => one.isLastResort && one.expiresAtMs > nowMs + LIFETIME_MS / 2);
  const made: StoredPackage[] = [];
  const free = MOST_STORED - Math.ceil((stored.length - over.length) / SUITES.length);
  for (let missing = Math.min(wanted - count, free); missing > 0; missing--)
    made.push(...(await newBundle(parts, hubKey, nowMs, false)));
  if (needsLastResort) made.push(...(await newBundle(parts, hubKey, nowMs, true)));
  if (made.length === 0) return;
  await store.change({ addPackages: made });
  await publish(parts, made);
  async function publish(to: PackageParts, packages: readonly StoredPackage[]): Promise<{ readonly count: number }> {
    const ready = packages.flatMap(({ toPublish: bytes, ref, expiresAtMs, isLastResort }) =>
      bytes === undefined ? [] : [{ id: ref.slice(0, ID_BYTES), bytes, expiresAtMs, isLastResort }],
    );
    const answer = await ask(hub, "publish", { packages: ready });
    if (ready.length > 0) await to.store.change({ published: packages.map(({ ref }) => ref) });
    return answer;
  }
}

/** One of each suite: the hub hands out both at once. The first has the bundle. */
async function newBundle(
  parts: PackageParts,
  hub: Uint8Array,
  nowMs: number,
  isLastResort: boolean,
): Promise<readonly StoredPackage[]> {
  const expiresAtMs = nowMs + LIFETIME_MS;
  const lifetime = {
    notBefore: Math.floor(nowMs / 1_000) - EARLIER_S,
    notAfter: Math.floor(expiresAtMs / 1_000) + EARLIER_S,
  };
  const made: (NewKeyPackage & { readonly suite: GroupSuite })[] = [];
  await withSigner(parts, async (signer) => {
    for (const suite of SUITES) {
      made.push({ suite, ...(await parts.groups.newKeyPackage(suite, signer, lifetime, { isLastResort })) });
    }
  });
  const bundle = encodeBundle(made.map(({ keyPackage }) => keyPackage));
  return made.map(({ ref, secret, suite }, at) => ({
    hub,
    ref,
    secret,
    suite,
    isLastResort,
    expiresAtMs,
    toPublish: at === 0 ? bundle : undefined,
  }));
}

/** The stored package that a welcome names; undefined: none, or it was used. */
export function packageOf(stored: readonly StoredPackage[], refs: readonly Uint8Array[]): StoredPackage | undefined {
  const wanted = new Set(refs.map(toHex));
  return stored.find(({ ref }) => wanted.has(toHex(ref)));
}
