// Whether two public keys, or two ids, are the same. Both are public: no constant time is needed.

/** Of the same bytes. */
export function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
