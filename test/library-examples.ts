// The programs in the documents for users of the library: each ```ts block, with what it is said to print.

import { readFileSync } from "node:fs";

export interface Example {
  /** The heading above it. */
  readonly title: string;
  readonly code: string;
  /** The block after "It prints:", or what stands behind "// prints:"; "…" stands for anything within a line. */
  readonly output: string;
}

/** Every ```ts block of a document, in order. */
export function examplesOf(document: "README.md" | "docs/library.md"): Example[] {
  const text = readFileSync(new URL(`../${document}`, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/^```ts\n([^]*?)^```\n(?:\nIt prints:\n\n```\n([^]*?)^```$)?/gm)];
  return blocks.map((block) => ({
    title: [...text.slice(0, block.index).matchAll(/^## (.*)$/gm)].at(-1)![1]!,
    code: block[1]!,
    output: block[2] ?? `${/ \/\/ prints: (.*)$/m.exec(block[1]!)![1]!}\n`,
  }));
}

/** Whether a program has printed what its document says. */
export function isOutput(printed: string, output: string): boolean {
  const pattern = output.split("…").map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${pattern.join(".*")}$`).test(printed);
}
