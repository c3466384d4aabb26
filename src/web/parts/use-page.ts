// The page for its parts: what is shown, and what can be done.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Page } from "../state/page.ts";
import type { PageView } from "../state/view.ts";

interface Shown {
  readonly page: Page;
  readonly view: PageView;
}

export const PageContext = createContext<Shown | undefined>(undefined);

export function usePage(): Shown {
  const shown = useContext(PageContext);
  if (shown === undefined) throw new Error("a part stands outside the page");
  return shown;
}
