// Whether two public keys, or two ids, are the same. Both are public: no constant time is needed.

/** Of the same bytes. */
export function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
