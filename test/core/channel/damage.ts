// Ways to damage a message a little: bits flipped, shorter lengths, one byte more.

/** Each `step`th bit flipped, each `step`th shorter length, one byte more. A step of 9 comes to every byte and every bit of one. */
export function* damaged(message: Uint8Array, step = 1): Generator<Uint8Array> {
  for (let bit = 0; bit < message.length * 8; bit += step) {
    const flipped = message.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    yield flipped;
  }
  for (let length = 0; length < message.length; length += step) yield message.slice(0, length);
  for (const last of [0x00, 0xff]) {
    const longer = new Uint8Array(message.length + 1).fill(last);
    longer.set(message);
    yield longer;
  }
}
