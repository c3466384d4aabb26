// The peer in Go (peer/main.go), built for a test: from Debian's sources of two libraries, or not at all.

import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where Debian puts the sources of Go libraries. */
const GOPATH = "/usr/share/gocode";
const LIBRARIES = ["github.com/flynn/noise", "github.com/gorilla/websocket"];
const PACKAGES = "golang-go golang-github-flynn-noise-dev golang-github-gorilla-websocket-dev";

/** Why the peer cannot be built here; false: it can. */
export const missing =
  spawnSync("go", ["version"]).status !== 0 || LIBRARIES.some((name) => !existsSync(`${GOPATH}/src/${name}`))
    ? `go, flynn/noise or gorilla/websocket is not installed: apt-get install ${PACKAGES}`
    : false;

const PEER = fileURLToPath(new URL("peer", import.meta.url));

/** Builds it, or the program of other sources, into a folder; returns the program's path. */
export async function buildPeer(folder: string, sources = PEER): Promise<string> {
  const binary = join(folder, "peer");
  const env = { ...process.env, GO111MODULE: "off", GOFLAGS: "", GOPATH };
  await promisify(execFile)("go", ["build", "-o", binary, "."], { cwd: sources, env });
  return binary;
}
