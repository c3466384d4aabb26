// Reads a recording of one direction of a connection: the HTTP head, then WebSocket frames (RFC 6455 section 5.2).
// Written for these tests alone: what the programs use to read frames must not judge itself.

export interface RecordedFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

/** The whole frames behind the HTTP head; a frame cut short at the end is left out. */
export function framesOf(parts: readonly Buffer[]): RecordedFrame[] {
  const bytes = Buffer.concat(parts);
  const head = bytes.indexOf("\r\n\r\n");
  const frames: RecordedFrame[] = [];
  if (head < 0) return frames;
  for (let at = head + 4; at + 2 <= bytes.length;) {
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    let length = second & 0x7f;
    if (length === 126) {
      if (at + 2 > bytes.length) break;
      length = bytes.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      throw new Error("a frame over 65,535 bytes");
    }
    const isMasked = (second & 0x80) !== 0;
    const mask = isMasked ? bytes.subarray(at, at + 4) : Buffer.alloc(4);
    at += isMasked ? 4 : 0;
    if (at + length > bytes.length) break;
    const payload = Buffer.from(bytes.subarray(at, at + length).map((byte, index) => byte ^ mask[index % 4]!));
    frames.push({ opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, payload });
    at += length;
  }
  return frames;
}

/** Lengths of the binary messages. */
export function lengthsOf(parts: readonly Buffer[]): number[] {
  return framesOf(parts)
    .filter(({ opcode }) => opcode === 2)
    .map(({ payload }) => payload.length);
}

/**
 * Whether a transport message may have this length (docs/PROTOCOL.md, "Padding"): a tag of 16 bytes, and a plaintext
 * of 256 bytes or of a length that Padmé rounds to itself, 65,519 at most.
 */
export function isAllowedLength(length: number): boolean {
  const plain = length - 16;
  if (plain < 256 || plain > 65_519) return false;
  if (plain === 65_519) return true;
  const exponent = Math.floor(Math.log2(plain));
  const zeroBits = exponent - (Math.floor(Math.log2(exponent)) + 1);
  return plain % 2 ** zeroBits === 0;
}
