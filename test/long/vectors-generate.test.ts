// Our own vectors are what their generator writes, byte for byte: nobody has touched them by hand, and the generator
// still runs. Needs Go and Debian's golang-github-flynn-noise-dev; the vectors themselves are tested without it.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where Debian puts the sources of Go libraries. */
const GOPATH = "/usr/share/gocode";

function missing(): string | false {
  if (spawnSync("go", ["version"]).status !== 0) return "Go is not installed (Debian: golang-go)";
  if (existsSync(`${GOPATH}/src/github.com/flynn/noise`)) return false;
  return "flynn/noise is not installed (Debian: golang-github-flynn-noise-dev)";
}

describe("test/vectors/generate.go", () => {
  // The reason for the skip: the generator is another implementation in another language, and not everywhere.
  it("writes noise.json, byte for byte", { skip: missing() }, async () => {
    const folder = fileURLToPath(new URL("../vectors/", import.meta.url));
    const { stdout } = await promisify(execFile)("go", ["run", "generate.go"], {
      cwd: folder,
      env: { ...process.env, GO111MODULE: "off", GOFLAGS: "", GOPATH },
      maxBuffer: 16 * 1024 * 1024,
    });
    assert.ok(
      stdout === readFileSync(`${folder}noise.json`, "utf8"),
      "noise.json differs: see generate.go for how to make it",
    );
  });
});
