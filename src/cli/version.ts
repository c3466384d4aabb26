// Which Lair this is, as the package says.

import { readFileSync } from "node:fs";

/** The version in the package's manifest, such as "0.1.0"; "unknown" without one. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const found =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
  return typeof found === "string" ? found : "unknown";
}
