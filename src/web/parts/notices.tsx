// What the program has to say that belongs to no conversation: what happened, and what to do.

import type { JSX } from "preact";
import { IconButton } from "./icon.tsx";
import { usePage } from "./use-page.ts";

export function Notices(): JSX.Element {
  const { page, view } = usePage();
  return (
    <div class="notices" role="region" aria-label="Notices" aria-live="polite">
      {view.notices.map(({ id, tone, text, hint, code }) => (
        <div key={id} class={`notice notice-${tone}`}>
          <div class="notice-text" dir="auto">
            <p>{text}</p>
            {hint !== undefined && <p class="notice-hint">{hint}</p>}
            {code !== undefined && <p class="notice-code">[{code}]</p>}
          </div>
          <IconButton name="close" label="Dismiss" onClick={() => page.dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
