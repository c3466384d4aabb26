// The output of `export`: one JSON object per line, as --json shows it.

import type { ExportHistory } from "../app/ports.ts";
import { exportLines } from "../node/export-file.ts";
import { jsonLine, toEntry } from "../ui/json-lines.ts";

export const exportHistory: ExportHistory = (file, entries) =>
  exportLines(file, entries, (entry) => jsonLine(toEntry(entry)));
