// Temporary homes for the tests, and what to put into them.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { formatInvite } from "../../../src/core/identity/invite.ts";
import { type Identity, identityFromPrivateKey } from "../../../src/core/identity/identity.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import type { OpenInvite, Peer } from "../../../src/core/identity/peer.ts";

/** A new directory, mode 0700, that is gone after the tests of the file. */
export function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), "lair-home-"));
  after(() => rmSync(place, { recursive: true, force: true }));
  return place;
}

/** 32 bytes that differ for every number from 0 to 223. */
export function bytesOf(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => seed + ((i * i) % 31));
}

export function pairOf(seed: number): Identity {
  return identityFromPrivateKey(OPENSSL_SUITE, bytesOf(seed));
}

export function peerOf(seed: number): Peer {
  return {
    publicKey: bytesOf(seed),
    name: `peer ${seed}`,
    psk: bytesOf(seed + 1),
    pairedAtMs: 1_800_000_000_000 + seed,
    comparedAtMs: undefined,
    url: "ws://127.0.0.1:8080",
    invitePsk: undefined,
  };
}

export function openInviteOf(seed: number): OpenInvite {
  return { id: `invite-${seed}`, psk: bytesOf(seed), expiresAtMs: 1_800_000_000_000 };
}

export function inviteOf(seed: number): string {
  return formatInvite({ url: "ws://127.0.0.1:8080", psk: bytesOf(seed), serverKey: bytesOf(seed + 1) });
}

/** All files below a directory, sorted. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}
