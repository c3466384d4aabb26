// A map that is nearly always empty: it takes 32 bytes until something is put into it, where an empty Map takes 184. Every
// session has several of these. Knows nothing of what is in it.

const NOTHING: readonly never[] = [];

/** The part of a Map that is used; what was put in first comes first. */
export class SparseMap<Key, Value> {
  /** Absent while nothing is in it. */
  #map: Map<Key, Value> | undefined;

  get size(): number {
    return this.#map?.size ?? 0;
  }

  has(key: Key): boolean {
    return this.#map?.has(key) === true;
  }

  get(key: Key): Value | undefined {
    return this.#map?.get(key);
  }

  set(key: Key, value: Value): void {
    this.#map ??= new Map();
    this.#map.set(key, value);
  }

  delete(key: Key): void {
    this.#map?.delete(key);
    if (this.#map?.size === 0) this.#map = undefined;
  }

  /** What was put in first, if there is anything, goes. */
  deleteFirst(): void {
    for (const [key] of this) {
      this.delete(key);
      return;
    }
  }

  clear(): void {
    this.#map = undefined;
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return this.#map === undefined ? NOTHING.values() : this.#map.entries();
  }
}
