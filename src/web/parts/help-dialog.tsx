// The keys, and what the signs mean.

import type { JSX } from "preact";
import { Section } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { SHORTCUTS } from "./keys.ts";

export function HelpDialog(): JSX.Element {
  return (
    <Dialog title="Keys and help">
      <Section title="Keys">
        <dl class="keys">
          {SHORTCUTS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="What you see">
        <ul class="help-list">
          <li>A line with nothing below it has arrived. “waiting” means that this takes longer than two seconds.</li>
          <li>
            Compare the words once with everybody, by phone or face to face: then you know that nobody is listening in.
          </li>
          <li>
            In a name or a text, &lt;U+202E&gt; and the like stand for characters that would be invisible or deceive.
          </li>
          <li>All of this is on your machine. The page loads nothing from elsewhere.</li>
        </ul>
      </Section>
    </Dialog>
  );
}
