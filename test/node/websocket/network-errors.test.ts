import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unreachable, unusableAddress } from "../../../src/node/websocket/network-errors.ts";

function failed(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

describe("network errors", () => {
  it("tells the ways of not getting through apart, each with its code", () => {
    const messages = new Set<string>();
    const codes = [
      "ECONNREFUSED",
      "ENOTFOUND",
      "EAI_AGAIN",
      "ETIMEDOUT",
      "ENETUNREACH",
      "EINVAL",
      "ECONNRESET",
      "CERT_HAS_EXPIRED",
    ];
    for (const code of [...codes, "EPROTO", "HTTP 403", "HPE_INVALID_CONSTANT"]) {
      const cause = failed(code);
      const error = unreachable("wss://chat.example:99", cause);
      assert.equal(error.code, "unreachable");
      assert.equal(error.cause, cause);
      assert.ok(error.hint?.endsWith(`[${code}]`), code);
      messages.add(error.message);
    }
    assert.equal(messages.size, 11);
  });

  it("names the host of every address that there is", () => {
    for (const host of ["[fe80::1%25eth0]", "xn--bcher-kva.example", "localhost."]) {
      assert.equal(
        unreachable(`ws://${host}:1/lair`, failed("ENETUNREACH")).message,
        `There is no route to ${host} from here.`,
      );
    }
  });

  it("keeps what a certificate says short and printable", () => {
    const cause = Object.assign(new Error(`altname \u001b]0;x\u0007${"y".repeat(999)}`), {
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    const { message } = unreachable("wss://chat.example:99", cause);
    assert.match(message, /^[\x20-\x7e]{1,220}$/);
  });

  it("tells the ways of not listening apart", () => {
    for (const [code, expected] of [
      ["EADDRINUSE", "address-in-use"],
      ["EACCES", "address-unusable"],
      ["ENOTFOUND", "address-unusable"],
      ["EADDRNOTAVAIL", "address-unusable"],
      ["ESOMETHING", "address-unusable"],
    ] as const) {
      const error = unusableAddress("::1", 80, failed(code));
      assert.equal(error.code, expected);
      assert.ok(error.hint?.endsWith(`[${code}]`));
    }
  });
});
