import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { FrameScanner } from "../../../src/node/websocket/frame-scanner.ts";
import { frameOf, type FrameShape } from "./raw-peer.ts";

const RULES = { maxFrameBytes: 65_535, controlFramesInARow: 3 };

interface Outcome {
  readonly passed: Buffer;
  readonly pieces: readonly number[];
  readonly violation: string | undefined;
}

function run(scanner: FrameScanner, chunks: readonly Buffer[]): Outcome {
  const passed: Buffer[] = [];
  let violation: string | undefined;
  for (const chunk of chunks) {
    violation = scanner.take(Buffer.from(chunk), (frames) => passed.push(Buffer.from(frames)));
    if (violation !== undefined) break;
  }
  return { passed: Buffer.concat(passed), pieces: passed.map((piece) => piece.length), violation };
}

const close = (...content: number[]): Buffer => Buffer.from(content);

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

const anyFrame = fc.record({
  length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(125, 126, 1024, 65_535, 65_536)),
  opcode: fc.constantFrom(2, 2, 2, 2, 8, 9, 10, 1, 0, 3),
  odd: fc.integer({ min: 0, max: 30 }),
});

describe("FrameScanner", () => {
  it("passes the same bytes and finds the same violation under any chunking", () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 200_000 }), { maxLength: 12 }),
        (frames, places) => {
          const shapes = frames.map(({ length, opcode, odd }) =>
            frameOf(Buffer.alloc(opcode >= 8 ? length % 126 : length, odd), {
              opcode,
              fin: odd !== 1,
              rsv1: odd === 2,
            }),
          );
          const all = Buffer.concat(shapes);
          const whole = run(new FrameScanner(true, RULES), [all]);
          const inParts = run(new FrameScanner(true, RULES), cut(all, places));
          assert.equal(inParts.violation, whole.violation);
          assert.ok(inParts.passed.equals(whole.passed));
          if (whole.violation === undefined) assert.ok(whole.passed.equals(all));
        },
      ),
    );
  });

  it("gives a frame that came byte by byte as one piece, and not before its last byte", () => {
    for (const length of [0, 1, 125, 126, 4000, 65_535]) {
      const frame = frameOf(Buffer.alloc(length, 7));
      const scanner = new FrameScanner(true, RULES);
      const bytes = [...frame].map((byte) => Buffer.of(byte));
      assert.deepEqual(run(scanner, bytes.slice(0, -1)).pieces, []);
      const last = run(scanner, bytes.slice(-1));
      assert.ok(last.passed.equals(frame));
      assert.equal(last.pieces.length, 1);
    }
  });

  const bad: [string, FrameShape, number][] = [
    ["text", { opcode: 1 }, 10],
    ["a first fragment", { fin: false }, 10],
    ["a continuation", { opcode: 0 }, 10],
    ["a last continuation", { opcode: 0, fin: true }, 0],
    ["a compressed message", { rsv1: true }, 10],
    ["a reserved opcode", { opcode: 3 }, 10],
    ["a reserved control opcode", { opcode: 11 }, 10],
    ["a fragmented ping", { opcode: 9, fin: false }, 10],
    ["a ping of 126 bytes", { opcode: 9 }, 126],
    ["an unmasked frame", { masked: false }, 10],
    ["65,536 bytes", {}, 65_536],
  ];
  for (const [name, shape, length] of bad) {
    it(`refuses ${name} by its header alone, and passes nothing of it`, () => {
      const header = frameOf(Buffer.alloc(length), shape).subarray(0, 10);
      const outcome = run(new FrameScanner(true, RULES), [header]);
      assert.equal(typeof outcome.violation, "string");
      assert.equal(outcome.passed.length, 0);
    });
  }

  it("refuses lengths beyond every integer", () => {
    const header = Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert.equal(typeof run(new FrameScanner(true, RULES), [header]).violation, "string");
  });

  it("wants a server's frames unmasked", () => {
    const outcome = run(new FrameScanner(false, RULES), [frameOf(Buffer.alloc(3), { masked: false })]);
    assert.equal(outcome.violation, undefined);
    assert.equal(typeof run(new FrameScanner(false, RULES), [frameOf(Buffer.alloc(3))]).violation, "string");
  });

  const badCloses: [string, Buffer][] = [
    ["of one byte", close(3)],
    ["without a code that exists", close(0, 0)],
    ["with code 999", close(3, 0xe7)],
    ["with code 1004", close(3, 0xec)],
    ["with code 1005", close(3, 0xed)],
    ["with code 1006", close(3, 0xee)],
    ["with code 1015", close(3, 0xf7)],
    ["with code 2999", close(0x0b, 0xb7)],
    ["with code 5000", close(0x13, 0x88)],
    ["with code 65535", close(0xff, 0xff)],
    ["with half a character", close(3, 0xe8, 0xc3)],
    ["with a surrogate", close(3, 0xe8, 0xed, 0xa0, 0x80)],
    ["with a reason that ends within a character", close(3, 0xe8, ...Buffer.alloc(121, "a"), 0xe2, 0x82)],
  ];
  for (const [name, content] of badCloses) {
    it(`refuses a close ${name}, in one piece and byte by byte, from either side`, () => {
      for (const masked of [true, false]) {
        const message = frameOf(Buffer.alloc(5), { masked });
        const bytes = Buffer.concat([message, frameOf(content, { opcode: 8, masked })]);
        for (const places of [[], Array.from({ length: bytes.length }, (_, index) => index)]) {
          const { violation, passed } = run(new FrameScanner(masked, RULES), cut(bytes, places));
          assert.match(violation ?? "", /^close /);
          assert.deepEqual(passed, message);
        }
      }
    });
  }

  it("lets every other close pass", () => {
    for (const content of [close(), close(3, 0xe8), close(3, 0xe9, 0xc3, 0xa9), close(3, 0xf3), close(0x0f, 0xa0)]) {
      for (const masked of [true, false]) {
        const frame = frameOf(content, { opcode: 8, masked });
        const { violation, passed } = run(new FrameScanner(masked, RULES), [frame]);
        assert.deepEqual([violation, passed], [undefined, frame]);
      }
    }
  });

  it("lets so many control frames in a row through, and counts anew after a message", () => {
    const ping = frameOf(Buffer.alloc(0), { opcode: 9 });
    const message = frameOf(Buffer.alloc(1));
    const scanner = new FrameScanner(true, RULES);
    assert.equal(run(scanner, [ping, ping, ping, message, ping, ping, ping]).violation, undefined);
    assert.equal(typeof run(scanner, [ping]).violation, "string");
  });

  describe("with a stranger's rules", () => {
    const stranger = { ...RULES, handshake: { messages: 2, maxFrameBytes: 1024 } };
    const ping = frameOf(Buffer.alloc(2), { opcode: 9 });

    it("takes two short messages, and whatever is allowed right behind them in one chunk", () => {
      const frames = [frameOf(Buffer.alloc(1024)), frameOf(Buffer.alloc(1024)), frameOf(Buffer.alloc(4000)), ping];
      const outcome = run(new FrameScanner(true, stranger), [Buffer.concat(frames)]);
      assert.equal(outcome.violation, undefined);
      assert.equal(run(new FrameScanner(true, stranger), frames).violation, undefined);
    });

    it("refuses a longer one among the two", () => {
      for (const before of [0, 1]) {
        const frames = [...Array.from({ length: before }, () => frameOf(Buffer.alloc(9))), frameOf(Buffer.alloc(1025))];
        assert.equal(run(new FrameScanner(true, stranger), frames).violation, "message over 1024 bytes");
      }
    });

    it("takes anything once it is told that the handshake is over", () => {
      const scanner = new FrameScanner(true, stranger);
      scanner.endHandshake();
      assert.equal(run(scanner, [ping, frameOf(Buffer.alloc(4000))]).violation, undefined);
    });

    it("refuses a ping before or between them", () => {
      for (const before of [0, 1]) {
        const frames = [...Array.from({ length: before }, () => frameOf(Buffer.alloc(9))), ping];
        const { violation } = run(new FrameScanner(true, stranger), frames);
        assert.equal(violation, "control frame within the handshake");
      }
    });
  });
});
