// Signs in as the page does, by the words of docs/api.md and with none of its code.

import { createHmac, randomBytes } from "node:crypto";

type Post = (path: string, json: object) => Promise<Response>;

function proofOf(side: string, token: string, port: number, nonces: string): string {
  const key = createHmac("sha256", token).update(`lair: the page's proofs, port ${port}`).digest();
  return createHmac("sha256", key).update(`${side} ${nonces}`).digest("base64url");
}

/** What proves a page that knows the token; the nonces with a blank between them. */
export function pageProof(token: string, port: number, nonces: string): string {
  return proofOf("page", token, port, nonces);
}

/** The answer of the listener on this port. */
export async function signInWith(post: Post, token: string, port: number): Promise<Response> {
  const pageNonce = randomBytes(32).toString("base64url");
  const answer = await post("/api/v1/session/proof", { pageNonce });
  const { nonce, proof } = (await answer.json()) as { readonly nonce: string; readonly proof: string };
  // With a wrong token both are wrong.
  const nonces = `${pageNonce} ${nonce}`;
  const side = proof === proofOf("program", token, port, nonces) ? "page" : "guess";
  return await post("/api/v1/session", { pageNonce, nonce, proof: proofOf(side, token, port, nonces) });
}

/** The same over a socket. */
export async function signInAt(
  address: string,
  token: string,
): Promise<{ readonly cookie: string; readonly key: string }> {
  const post: Post = async (path, json) =>
    await fetch(address + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(json),
    });
  const response = await signInWith(post, token, Number(new URL(address).port));
  const { key } = (await response.json()) as { readonly key: string };
  return { cookie: (response.headers.get("Set-Cookie") ?? "").split(";")[0]!, key };
}
