// Examines WebSocket frames (RFC 6455 section 5.2) and passes only complete ones, and only those that Lair uses: one
// unfragmented binary frame per message, pings, pongs, closes. Of the contents it reads only those of a close.
//
// Why in front of ws: ws counts the TCP chunks of an unfinished frame and gives up after 64. That limits its memory,
// but also drops an honest peer whose bytes a proxy delivers one at a time. Here a frame is collected in one buffer,
// and ws sees one chunk. ws also answers every violation with a close frame, whereas a stranger must get no byte.

import { isUtf8 } from "node:buffer";

/** The limits for frames that pass. */
export interface FrameRules {
  readonly maxFrameBytes: number;
  /** Pings, pongs and closes in a row without a message. */
  readonly controlFramesInARow: number;
  /**
   * For a stranger: the handshake has this many messages, no longer than this, without a ping or close between them.
   * Counted here and not by the program, because the next message may be in the same chunk as the last of them.
   */
  readonly handshake?: { readonly messages: number; readonly maxFrameBytes: number };
}

const EMPTY: Buffer = Buffer.alloc(0);

export class FrameScanner {
  readonly #masked: boolean;
  readonly #rules: FrameRules;
  /** The beginning of an incomplete frame; only the first #heldLength bytes count. */
  #held = EMPTY;
  #heldLength = 0;
  #controlFrames = 0;
  #messages = 0;

  /** `masked`: whether the frames come from a client (RFC 6455 §5.1: a client masks, a server does not). */
  constructor(masked: boolean, rules: FrameRules) {
    this.#masked = masked;
    this.#rules = rules;
  }

  /** The handshake is over, however many messages it took. */
  endHandshake(): void {
    this.#messages = Number.POSITIVE_INFINITY;
  }

  /**
   * Takes the received bytes and passes on every complete frame, in order, split anywhere between frames but never
   * inside one. The output may be a view of `chunk`; held bytes are a copy. Returns why the peer must be dropped, or
   * undefined. Must not be used again after a violation.
   */
  take(chunk: Buffer, pass: (frames: Buffer) => void): string | undefined {
    let from = 0;
    while (this.#heldLength > 0 && from < chunk.length) {
      const needed = this.#sizeOf(this.#held.subarray(0, this.#heldLength));
      if (typeof needed === "string") return needed;
      from += this.#hold(chunk.subarray(from), needed);
      if (this.#heldLength < needed) return undefined;
      const complete = this.#sizeOf(this.#held.subarray(0, this.#heldLength));
      if (typeof complete === "string") return complete;
      if (complete > this.#heldLength) continue; // the header grew: now the true size is known
      const frame = this.#held.subarray(0, this.#heldLength);
      this.#held = EMPTY;
      this.#heldLength = 0;
      const fault = this.#judge(frame);
      if (fault !== undefined) return fault;
      pass(frame);
    }
    return this.#takeWhole(chunk.subarray(from), pass);
  }

  /** The usual case: frames that are complete in the chunk are passed on together, uncopied. */
  #takeWhole(chunk: Buffer, pass: (frames: Buffer) => void): string | undefined {
    let end = 0;
    let violation: string | undefined;
    while (end < chunk.length) {
      const needed = this.#sizeOf(chunk.subarray(end));
      if (typeof needed === "string") violation = needed;
      else if (needed <= chunk.length - end) violation = this.#judge(chunk.subarray(end, end + needed));
      else break;
      if (typeof needed === "string" || violation !== undefined) break;
      end += needed;
    }
    if (end > 0) pass(chunk.subarray(0, end));
    if (violation === undefined && end < chunk.length) this.#hold(chunk.subarray(end), chunk.length - end);
    return violation;
  }

  /** Collects up to `target` bytes; returns how many it took. Grows by doubling: a header alone allocates little. */
  #hold(bytes: Buffer, target: number): number {
    const taken = Math.min(bytes.length, target - this.#heldLength);
    const length = this.#heldLength + taken;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, Math.min(target, 2 * this.#held.length)));
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldLength, 0, taken);
    this.#heldLength = length;
    return taken;
  }

  /** The size of the frame that `bytes` begins, or of its header while that is incomplete, or a violation. */
  #sizeOf(bytes: Buffer): number | string {
    if (bytes.length < 2) return 2;
    const first = bytes[0]!;
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0) return "reserved bit or compression";
    if ((first & 0x80) === 0 || opcode === 0) return "fragmented message";
    if (opcode === 1) return "text message";
    if (opcode !== 2 && (opcode < 8 || opcode > 10)) return "unknown opcode";
    if (((bytes[1]! & 0x80) !== 0) !== this.#masked) return "mask bit";

    const short = bytes[1]! & 0x7f;
    if (opcode >= 8 && short > 125) return "control frame too long";
    const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < headerBytes) return headerBytes;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    const maxFrameBytes = this.#handshake?.maxFrameBytes ?? this.#rules.maxFrameBytes;
    if (length > maxFrameBytes) return `message over ${maxFrameBytes} bytes`;
    return headerBytes + (this.#masked ? 4 : 0) + length;
  }

  /** Checks a whole frame. */
  #judge(frame: Buffer): string | undefined {
    const opcode = frame[0]! & 0x0f;
    if (opcode < 8) {
      this.#controlFrames = 0;
      this.#messages += 1;
      return undefined;
    }
    if (this.#handshake !== undefined) return "control frame within the handshake";
    if (++this.#controlFrames > this.#rules.controlFramesInARow) return "too many control frames";
    return opcode === 8 ? closeFault(this.#contentOf(frame)) : undefined;
  }

  /** The content of a control frame, unmasked; a copy. */
  #contentOf(frame: Buffer): Buffer {
    if (!this.#masked) return Buffer.from(frame.subarray(2));
    const mask = frame.subarray(2, 6);
    return Buffer.from(frame.subarray(6).map((byte, index) => byte ^ mask[index % 4]!));
  }

  /** The rules of the handshake, until it is over. */
  get #handshake(): FrameRules["handshake"] {
    const { handshake } = this.#rules;
    return handshake !== undefined && this.#messages < handshake.messages ? handshake : undefined;
  }
}

/** What is wrong with the content of a close (RFC 6455 §5.5.1, §7.4): ws would answer it. */
function closeFault(content: Buffer): string | undefined {
  if (content.length === 0) return undefined;
  if (content.length === 1) return "close code cut short";
  const code = content.readUInt16BE(0);
  // 1004 to 1006 and 1015 are never sent; ws knows those up to 1014.
  const isSent = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
  if (!isSent) return "close code that is never sent";
  return isUtf8(content.subarray(2)) ? undefined : "close reason that is not UTF-8";
}
