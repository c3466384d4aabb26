// Writes all lines that are kept to a file of the browser: one JSON object in each row, as `export` does.

import type { JSX } from "preact";
import type { Page } from "../state/page.ts";
import { usePage } from "./use-page.ts";

export function ExportButton({ id }: { readonly id: string }): JSX.Element {
  const { page } = usePage();
  return (
    <button type="button" class="button" onClick={() => void exportLines(page, id)}>
      Export
    </button>
  );
}

async function exportLines(page: Page, conversation: string): Promise<void> {
  const answer = await page.attempt("export", { conversation });
  if (answer === undefined) return;
  const rows = answer.messages.map((message) => `${JSON.stringify(message)}\n`);
  const address = URL.createObjectURL(new Blob(rows, { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `lair ${answer.name.replaceAll(/[^\p{L}\p{N} _-]/gu, "")}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  page.notice({
    tone: "info",
    text: `${answer.messages.length} lines are exported.`,
    hint: "The file is not encrypted.",
  });
}
