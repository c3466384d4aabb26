// A listener's token, and how a program sends it.

import { createHash, timingSafeEqual } from "node:crypto";

/** Compares digests, in constant time: neither the length nor a part of the secret shows. */
export function secretCheck(secret: string): (given: string) => boolean {
  const expected = digestOf(secret);
  return (given) => timingSafeEqual(digestOf(given), expected);
}

/** The token in `Authorization: Bearer TOKEN`; undefined if the header has none. */
export function bearerIn(header: string | undefined): string | undefined {
  const [, given] = /^Bearer +([\w-]+) *$/i.exec(header ?? "") ?? [];
  return given;
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
