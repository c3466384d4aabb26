// The page's side of the proofs by which it and its program show each other that they know the token
// (`src/node/page-api/proofs.ts`). The token itself is never sent, and not kept: only a key that no script can read out.

/** By which proofs are made. Not extractable. */
export type ProofKey = CryptoKey;

/** Where the key outlives the page. It may forget. */
export interface KeptKey {
  get(): Promise<ProofKey | undefined>;
  /** Undefined: none any more. */
  set(key: ProofKey | undefined): Promise<void>;
}

/** What the program has answered. */
interface ProgramProof {
  readonly nonce: string;
  readonly proof: string;
}

const UTF_8 = new TextEncoder();
const NONCE_BYTES = 32;

export async function proofKeyOf(token: string, port: string): Promise<ProofKey> {
  const bytes = await crypto.subtle.sign("HMAC", await hmacKey(UTF_8.encode(token)), message(port));
  return await hmacKey(new Uint8Array(bytes));
}

export function newNonce(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

/** The page's proof; undefined if the program's is wrong: it is another program, or has another token. */
export async function answerTo(
  key: ProofKey,
  pageNonce: string,
  { nonce, proof }: ProgramProof,
): Promise<string | undefined> {
  const sign = async (side: "program" | "page"): Promise<string> => {
    const bytes = await crypto.subtle.sign("HMAC", key, UTF_8.encode(`${side} ${pageNonce} ${nonce}`));
    return base64Url(new Uint8Array(bytes));
  };
  return proof === (await sign("program")) ? await sign("page") : undefined;
}

function message(port: string): Uint8Array<ArrayBuffer> {
  return UTF_8.encode(`lair: the page's proofs, port ${port === "" ? "80" : port}`);
}

async function hmacKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
