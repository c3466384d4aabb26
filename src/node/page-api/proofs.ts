// How a page and its program prove to each other that they know the token, without sending it: before the page sends anything
// else, and again after each lost connection. Who has taken the port meanwhile learns nothing that is good for anything.
//
//   page                                     program
//   its nonce                    ---->
//                                <----       a nonce, and the program's proof
//   the page's proof             ---->
//                                <----       the cookie, and the key of this run
//
// The key of the proofs depends on the port too, so that the program on one port proves nothing for a page of another one.
// `src/web/proof.ts` is the page's side; docs/decisions/page.md has the reasons.

import { createHmac, randomBytes } from "node:crypto";
import { secretCheck } from "../http/token.ts";

/** Ours: how long a page may take for its proof. */
const NONCE_MS = 60_000;

/** What both have said so far. */
export interface Nonces {
  readonly pageNonce: string;
  /** The program's. */
  readonly nonce: string;
}

interface ProofsOptions {
  readonly token: string;
  readonly port: number;
  /** Monotonic. */
  readonly nowMs: () => number;
}

export class Proofs {
  readonly #key: Buffer;
  /** Of this run: nonces are known by it, and not kept. */
  readonly #secret = randomBytes(32);
  readonly #nowMs: () => number;

  constructor({ token, port, nowMs }: ProofsOptions) {
    this.#key = createHmac("sha256", token).update(`lair: the page's proofs, port ${port}`).digest();
    this.#nowMs = nowMs;
  }

  /** The program's proof, with a nonce for the page's. */
  prove(pageNonce: string): { readonly nonce: string; readonly proof: string } {
    const nonce = this.#nonceFor(pageNonce, Math.floor(this.#nowMs()) + NONCE_MS);
    return { nonce, proof: this.#proof("program", { pageNonce, nonce }) };
  }

  /** Whether this is the page's proof, of a nonce of this run that is not too old. */
  isProven({ pageNonce, nonce, proof }: Nonces & { readonly proof: string }): boolean {
    const untilMs = Number(/^(\d{1,15})\./.exec(nonce)?.[1] ?? 0);
    const isOurs = secretCheck(this.#nonceFor(pageNonce, untilMs))(nonce) && untilMs >= this.#nowMs();
    return secretCheck(this.#proof("page", { pageNonce, nonce }))(proof) && isOurs;
  }

  #nonceFor(pageNonce: string, untilMs: number): string {
    const mac = createHmac("sha256", this.#secret).update(`${untilMs} ${pageNonce}`).digest("base64url");
    return `${untilMs}.${mac}`;
  }

  #proof(side: "program" | "page", { pageNonce, nonce }: Nonces): string {
    return createHmac("sha256", this.#key).update(`${side} ${pageNonce} ${nonce}`).digest("base64url");
  }
}
