// The page as it is built: small, nothing from elsewhere, nothing inline.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import stringWidth from "string-width";
import { buildPage } from "../../.ci/page.js";
import columns from "../../src/web/string-width.ts";

const MOST_BYTES = 60 * 1_024;
/** How often preact itself names it. */
const PREACTS_OWN = 2;

describe("the page that is built", () => {
  const { files } = buildPage();
  const texts = new Map([...files].map(([path, { bytes }]) => [path, Buffer.from(bytes).toString()]));
  const html = texts.get("/") ?? "";

  it("has at most 60 KB of script and style, gzipped", () => {
    const counted = [...files].filter(([path]) => /\.(?:js|css)$/.test(path));
    assert.equal(counted.length, 2);
    const size = counted.reduce((sum, [, { bytes }]) => sum + gzipSync(bytes).length, 0);
    assert.ok(size <= MOST_BYTES, `${size} bytes`);
  });

  it("cuts names where the terminal does, but for letters that most fonts lack", () => {
    const names =
      "Ada Lovelace,נועה כהן,שָׁלוֹם,Nguyễn Thị Hằng,محمد,田中さくら,김서연,ﾊﾝｶｸ,Зоя,Ἀθηνᾶ,👍🏽,नमस्ते,ไทย,·…–„“,＃ＡＢ,ß㍿";
    for (const name of names.split(","))
      for (const point of name) assert.equal(columns(point), stringWidth(point), point);
  });

  it("names each file by what is in it, and asks for nothing else", () => {
    const asked = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path!);
    assert.deepEqual(new Set(asked), new Set([...files.keys()].filter((path) => path !== "/")));
    for (const path of asked) assert.match(path, /^\/assets\/[a-z]+-[0-9a-f]{12}\.(?:js|css|svg)$/);
    for (const [path, text] of texts) {
      assert.doesNotMatch(text.replaceAll("http://www.w3.org/", ""), /url\(|@import|src="http|href="http/, path);
    }
  });

  it("has nothing that its policy refuses: no inline script or style, no HTML out of texts, no eval", () => {
    assert.doesNotMatch(html, /<script>|<style|\sstyle=|\son[a-z]+=/);
    const script = [...texts].find(([path]) => path.endsWith(".js"))![1];
    assert.doesNotMatch(script, /\beval\(|new Function|insertAdjacentHTML|outerHTML|document\.write/);
    // Preact's own, for a property that no part uses.
    assert.equal(script.match(/innerHTML/g)?.length ?? 0, PREACTS_OWN);
    assert.doesNotMatch(script, /dangerouslySetInnerHTML:/);
  });
});
