// Who gets in: the page with its cookie and its key, a program with the token, and nobody else. A cookie is not kept apart by
// port, so another server on this machine may see it: the key, which the page sends as a header, is; and a page of another
// origin can send neither. Both are good for this run of the program only; a page gets them by a proof that it knows the token
// (`proofs.ts`). docs/decisions/page.md.

import { randomBytes } from "node:crypto";
import { Problem } from "../http/problem.ts";
import type { Asker, Route } from "../http/route.ts";
import { bearerIn, secretCheck } from "../http/token.ts";
import { type Nonces, Proofs } from "./proofs.ts";

/** Where the API is. */
export const API = "/api/v1";
export const EVENTS_PATH = `${API}/events`;
/** The WebSocket's subprotocol, and what the page's key begins with as another one: a WebSocket of a page has no headers. */
export const EVENTS_PROTOCOL = "lair-events";
const KEY_PROTOCOL = "lair-key.";
/** The header with the page's key. */
const KEY_HEADER = "lair-page";

interface AccessOptions {
  /** In the link, and of programs. */
  readonly token: string;
  /** The port that it listens on: a part of the cookie's name. */
  readonly port: number;
  /** Whether a Host header is a loopback name. */
  readonly isOwnHost: (host: string) => boolean;
  /** Whether one more wrong token may be tried now; counts it. */
  readonly mayFail: () => boolean;
  /** Monotonic. */
  readonly nowMs: () => number;
}

export class Access {
  readonly #options: AccessOptions;
  /** What the page sends as a header. */
  readonly key = newSecret();
  readonly #cookieName: string;
  readonly #cookie = newSecret();
  readonly #proofs: Proofs;
  readonly #isToken: (given: string) => boolean;
  readonly #isCookie: (given: string) => boolean;
  readonly #isKey: (given: string) => boolean;

  constructor(options: AccessOptions) {
    this.#options = options;
    const { token, port } = options;
    this.#proofs = new Proofs(options);
    this.#cookieName = `lair-${port}`;
    this.#isToken = secretCheck(token);
    this.#isCookie = secretCheck(this.#cookie);
    this.#isKey = secretCheck(this.key);
  }

  /** The header of a page that has signed in. */
  get setCookie(): string {
    return `${this.#cookieName}=${this.#cookie}; Path=${API}; HttpOnly; SameSite=Strict`;
  }

  /** The header of a page that signs out. */
  get dropCookie(): string {
    return `${this.#cookieName}=; Path=${API}; HttpOnly; SameSite=Strict; Max-Age=0`;
  }

  /** What proves to a page with this nonce that the program knows the token; the page's own proof needs what comes with it. */
  proveTo(pageNonce: string): ReturnType<Proofs["prove"]> {
    return this.#proofs.prove(pageNonce);
  }

  /** Throws Problem `token-needed` or `too-many` if this page has not proved that it knows the token. */
  requireProof(given: Nonces & { readonly proof: string }): void {
    if (!this.#proofs.isProven(given)) this.#refuse(true);
  }

  /**
   * Throws Problem for what the page of somebody else may have caused: a Host of a name that leads here (DNS rebinding), or
   * a request that a browser says comes from elsewhere. A link to the page may be anywhere.
   */
  admit(asker: Asker): void {
    const host = asker.header("host") ?? "";
    if (!this.#options.isOwnHost(host)) {
      throw new Problem("foreign-host", "This listener answers under a loopback name only.");
    }
    const origin = asker.header("origin");
    const isForeign = origin !== undefined && origin !== `http://${host.toLowerCase()}`;
    if (isForeign || !(isFromHere(asker) || isVisit(asker))) {
      throw new Problem("foreign-page", "This listener is for its own page and for programs, not for other web pages.");
    }
  }

  /** Throws Problem if the route needs more than the request has. What is not there is not told to a stranger. */
  requireAccess(asker: Asker, route: Route | undefined): void {
    if (route?.needs === "public") return;
    if (route === undefined && !asker.path.startsWith("/api/")) return;
    this.requireUser(asker);
  }

  /** Throws Problem `token-needed` or `too-many`. */
  requireUser(asker: Asker): void {
    const given = bearerIn(asker.header("authorization"));
    if (given !== undefined) {
      if (this.#isToken(given)) return asker.onAccess?.();
    } else {
      const cookies = cookiesIn(asker.header("cookie"), this.#cookieName);
      const key = asker.header(KEY_HEADER) ?? keyAmong(asker.header("sec-websocket-protocol"));
      // Another port may have set one of the same name: it must not shut the user out.
      if (key !== undefined && cookies.some((cookie) => this.#isCookie(cookie)) && this.#isKey(key)) {
        return asker.onAccess?.();
      }
      // An old page that knocks again is nobody who guesses.
    }
    this.#refuse(given !== undefined);
  }

  /** Who has the right token always gets in: nobody can shut the user out. */
  #refuse(isGuess: boolean): never {
    if (isGuess && !this.#options.mayFail()) {
      throw new Problem("too-many", "Too many wrong tokens were sent.", { hint: "Wait a minute." });
    }
    throw new Problem("token-needed", "This needs the token.", {
      hint: "Open the link that the program shows; a program sends Authorization: Bearer TOKEN.",
    });
  }
}

/** 43 letters. */
function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** A program says nothing of this; a browser says it of every request. */
function isFromHere(asker: Asker): boolean {
  const site = asker.header("sec-fetch-site") ?? "none";
  return site === "none" || site === "same-origin";
}

/** Somebody follows a link to the page, wherever it stands. In a frame of another page it is none. */
function isVisit(asker: Asker): boolean {
  const { method, path } = asker;
  const isPage = (method === "GET" || method === "HEAD") && (path === "/" || path.startsWith("/assets/"));
  return isPage && asker.header("sec-fetch-mode") === "navigate" && asker.header("sec-fetch-dest") === "document";
}

/** The values of all cookies of this name. */
function cookiesIn(header: string | undefined, name: string): readonly string[] {
  return (header ?? "").split(";").flatMap((pair) => {
    const [before = "", ...after] = pair.split("=");
    return before.trim() === name ? [after.join("=").trim()] : [];
  });
}

function keyAmong(protocols: string | undefined): string | undefined {
  const offered = (protocols ?? "").split(",").map((protocol) => protocol.trim());
  return offered.find((protocol) => protocol.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length);
}
