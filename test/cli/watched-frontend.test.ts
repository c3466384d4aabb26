// The frontend over standard output says where the prompt of the one below is: what is shown there counts as read. It also says
// when the output is full.

import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { it } from "node:test";
import type { RoomView } from "../../src/app/rooms/room-reports.ts";
import { WatchedFrontend } from "../../src/cli/watched-frontend.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { ConfirmedOutput, streamSink } from "../../src/node/confirmed-output.ts";
import { JsonFrontend } from "../../src/ui/json-lines.ts";

function person(name: string): PeerView {
  return { name, fingerprint: "", pairedAtMs: 0, comparedAtMs: undefined };
}

it("knows whom and which room the prompt is at", () => {
  const frontend = {
    show() {},
    isAt: ({ name }: PeerView) => name === "bob",
    isAtRoom: ({ name }: RoomView) => name === "ops",
    regulateInput() {},
    whenTaken() {},
    close() {},
  };
  const options = {
    output: new ConfirmedOutput({ write() {}, isFull: false, onError() {}, close() {} }),
    repeatsErrors: false,
    localeNotice: undefined,
    onOutput() {},
  };
  const watched = new WatchedFrontend({ ...options, frontend });
  assert.deepEqual([watched.isAt(person("bob")), watched.isAt(person("cyd"))], [true, false]);
  assert.deepEqual(
    [watched.isAtRoom({ id: "1", name: "ops" }), watched.isAtRoom({ id: "2", name: "x" })],
    [true, false],
  );
  const { isAt: _, isAtRoom: __, ...pipe } = frontend;
  assert.equal(new WatchedFrontend({ ...options, frontend: pipe }).isAt(person("bob")), false);
});

it("with --json stops what comes as soon as 64 KiB wait for a reader, within one turn, and goes on once all is read", async () => {
  const given: { readonly text: string; readonly taken: () => void }[] = [];
  const stream = new Writable({ write: (chunk, _, taken) => void given.push({ text: String(chunk), taken }) });
  const output = new ConfirmedOutput(streamSink(stream));
  const told: boolean[] = [];
  const frontend = new JsonFrontend({ input: undefined, output, onCommand() {} });
  const onOutput = (isTaken: boolean): void => void told.push(isTaken);
  const watched = new WatchedFrontend({ frontend, output, repeatsErrors: false, localeNotice: undefined, onOutput });
  const text = "x".repeat(1_000);
  let shown = 0;
  while (told.length === 0 && shown < 1_000) {
    watched.show({ type: "message", seq: shown, atMs: 0, text, peer: person("bob") });
    shown += 1;
  }
  assert.ok(shown < 66, `${shown} messages`);
  assert.equal(given[0]!.text.match(/"event":"message"/g)?.length, shown);
  given[0]!.taken();
  await new Promise<void>(setImmediate);
  assert.deepEqual([told, given.length], [[false, true], 1]);
});
