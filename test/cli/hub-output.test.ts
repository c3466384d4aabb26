import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HubOutput } from "../../src/cli/hub-output.ts";

const NOW = Date.parse("2026-11-28T12:00:00.000Z");

function shown(address: string, json = false): string {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text) };
  const hub = new HubOutput({ json, logJson: false, verbose: false, output, error: output, nowMs: () => NOW });
  hub.invite(
    { id: "1a2b", text: `lair://${address}/#${"A".repeat(87)}`, uses: 1, expiresAtMs: NOW + 86_400_000 },
    "new",
  );
  return written.join("");
}

describe("an invite of a hub", () => {
  it("says that it works on this machine, if it does so only there", () => {
    assert.match(
      shown("127.0.0.1:8080"),
      /This invite is for one person[^\n]*\nIt works on this machine; for others, /,
    );
    assert.doesNotMatch(shown("192.168.0.7:8080"), /this machine/);
    assert.doesNotMatch(shown("127.0.0.1:8080", true), /this machine/);
  });
});
