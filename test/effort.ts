// How much of what repeats itself a test tries: a part in `npm test`, the whole in `npm run test:long`, which has
// thorough.js imported first.

const isThorough = process.env["LAIR_TEST_THOROUGH"] === "1";

/** `part` in `npm test`, `whole` in `npm run test:long`. */
export function effort<T>(part: T, whole: T): T {
  return isThorough ? whole : part;
}
