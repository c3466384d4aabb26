// Every way to damage a message a little: each bit flipped, each shorter length, one byte more.

export function* damaged(message: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < message.length * 8; bit++) {
    const flipped = message.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    yield flipped;
  }
  for (let length = 0; length < message.length; length++) yield message.slice(0, length);
  for (const last of [0x00, 0xff]) {
    const longer = new Uint8Array(message.length + 1).fill(last);
    longer.set(message);
    yield longer;
  }
}
