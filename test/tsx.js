// Lets `node --test` run TypeScript, whatever tsconfig the current directory holds. tsx keeps what it has compiled in the
// temporary directory, and looks there for a socket, under names that another user could take first; so for the moment of
// its import that is ours.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
mkdirSync(cache, { recursive: true, mode: 0o700 });
const temporary = process.env.TMPDIR;
process.env.TMPDIR = cache;
const { register } = await import("tsx/esm/api");
register({ tsconfig: false });
if (temporary === undefined) delete process.env.TMPDIR;
else process.env.TMPDIR = temporary;
