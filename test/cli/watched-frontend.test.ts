// The frontend over standard output says where the prompt of the one below is: what is shown there counts as read.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { RoomView } from "../../src/app/rooms/room-reports.ts";
import { WatchedFrontend } from "../../src/cli/watched-frontend.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { ConfirmedOutput } from "../../src/node/confirmed-output.ts";

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
