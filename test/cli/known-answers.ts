// A person who answers questions for secrets as a test says, files that a test names, and homes whose passphrases cost
// next to nothing.

import assert from "node:assert/strict";
import { isAllZero, toUtf8 } from "../../src/core/bytes.ts";
import type { ScryptCost } from "../../src/core/identity/passphrase.ts";
import type { Home } from "../../src/node/home/home.ts";
import { openHome } from "../node/home/open-home.ts";
import type { SecretIo } from "../../src/cli/receive-passphrase.ts";
import { newPlace } from "../node/home/places.ts";

export const CHEAP: ScryptCost = { N: 16, r: 8, p: 1 };

export function cheapHome(place = newPlace(), role: "server" | "client" = "client"): Home {
  return openHome(place, role, { scryptCost: CHEAP });
}

/** Thrown where the program would leave. */
export class Left extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`left with ${code}`);
    this.code = code;
  }
}

export interface KnownIo extends SecretIo {
  readonly asked: string[];
  readonly said: string[];
  /** Everything secret that was handed over is overwritten, as far as `but` does not say otherwise. */
  hasErasedAll(): void;
}

/** `typed` undefined: there is no terminal. "interrupted", "ended" and "too-long" are what they say. */
export function ioOf({
  typed,
  files = {},
}: {
  readonly typed?: readonly (string | Uint8Array)[];
  readonly files?: { readonly [path: string]: string | Uint8Array };
}): KnownIo {
  const given: Uint8Array[] = [];
  const [asked, said]: [string[], string[]] = [[], []];
  const answers = [...(typed ?? [])];
  const give = (text: string | Uint8Array): Uint8Array => {
    const bytes = typeof text === "string" ? toUtf8(text) : text.slice();
    given.push(bytes);
    return bytes;
  };
  return {
    asked,
    said,
    ask:
      typed &&
      ((question) => {
        asked.push(question);
        const answer = answers.shift() ?? assert.fail(`asked too often: ${question}`);
        if (answer === "interrupted" || answer === "ended" || answer === "too-long") {
          return Promise.resolve({ type: answer });
        }
        return Promise.resolve({ type: "secret", bytes: give(answer) });
      }),
    say: (text) => void said.push(text),
    readFile: (path, what) => {
      assert.equal(what, "the passphrase file");
      return give(files[path] ?? assert.fail(`reads ${path}`));
    },
    leave: (code) => {
      throw new Left(code);
    },
    hasErasedAll() {
      assert.ok(given.length > 0, "something was given");
      for (const [index, bytes] of given.entries()) assert.ok(isAllZero(bytes), `secret ${index} is overwritten`);
    },
  };
}
