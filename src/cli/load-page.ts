// How a program loads its page and its API: with --http only, so that all others load nothing of it.

import type { ProgramName } from "../app/command-table.ts";
import { errorEvent, type Frontend } from "../app/frontend.ts";
import type { HttpArguments } from "./arguments.ts";
import type { PageProgram } from "./page-program.ts";

/** Makes the page of a program, beside its main frontend. */
export type MakePage = (main: Frontend) => PageProgram;

/** The command `open`. */
export function browse(page: PageProgram, frontend: Pick<Frontend, "show">): void {
  try {
    page.browse();
  } catch (error) {
    frontend.show(errorEvent(error));
  }
}

/** Undefined without --http. */
export async function loadPage(http: HttpArguments | undefined, program: ProgramName): Promise<MakePage | undefined> {
  if (http === undefined) return undefined;
  const { PageProgram } = await import("./page-program.ts");
  return (main) => new PageProgram({ main, http, program });
}
