// How the user's browser is asked.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { spawn } from "node:child_process";
import { describe, it } from "node:test";
import { openInBrowser } from "../../src/node/browser.ts";

const PATH = "/home/ada/.config/lair/client/page.html";

interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: object;
  readonly child: EventEmitter;
}

function opened(platform: string, env: Readonly<Record<string, string>> = {}) {
  const started: Started[] = [];
  const failures: string[] = [];
  const start = (command: string, args: readonly string[], options: object) => {
    const child = Object.assign(new EventEmitter(), { unref() {} });
    started.push({ command, args, options, child });
    return child;
  };
  openInBrowser(PATH, (why) => failures.push(why), { platform, env, start: start as unknown as typeof spawn });
  return { started, failures };
}

describe("the browser", () => {
  it("is asked by the desktop's own program, without a shell, and is not waited for", () => {
    for (const [platform, env, line] of [
      ["linux", { DISPLAY: ":0" }, `xdg-open ${PATH}`],
      ["freebsd", { WAYLAND_DISPLAY: "wayland-0" }, `xdg-open ${PATH}`],
      ["darwin", {}, `open ${PATH}`],
      ["win32", {}, `rundll32 url.dll,FileProtocolHandler ${PATH}`],
    ] as const) {
      const { started, failures } = opened(platform, env);
      assert.deepEqual(
        started.map(({ command, args }) => [command, ...args].join(" ")),
        [line],
      );
      assert.deepEqual(started[0]!.options, { detached: true, stdio: "ignore" });
      assert.deepEqual(failures, []);
    }
  });

  it("is not asked where there is no desktop", () => {
    const { started, failures } = opened("linux");
    assert.deepEqual([started, failures], [[], ["there is no desktop here"]]);
  });

  it("that is not there is told", () => {
    const missing = opened("linux", { DISPLAY: ":0" });
    missing.started[0]!.child.emit("error", new Error("ENOENT"));
    const none = opened("linux", { DISPLAY: ":0" });
    none.started[0]!.child.emit("exit", 3);
    const fine = opened("linux", { DISPLAY: ":0" });
    fine.started[0]!.child.emit("exit", 0);
    assert.deepEqual(
      [missing, none, fine].map(({ failures }) => failures),
      [["xdg-open cannot be started"], ["xdg-open knows no browser"], []],
    );
  });
});
