// Says one thing to everybody with whom one is paired.

import type { JSX } from "preact";
import { sayAllQuestion } from "../../ui/retention-phrases.ts";
import { shownName } from "../state/names.ts";
import { Field } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { usePage } from "./use-page.ts";

export function EverybodyDialog(): JSX.Element {
  const { page, view } = usePage();
  const names = view.peers.flatMap(({ hub, awaited, name }) => (hub || awaited ? [] : shownName(name)));
  const send = async (msg: string): Promise<void> => {
    const answer = await page.attempt("send", { msg });
    if (answer === undefined) return;
    page.show(undefined);
    page.notice({ tone: "info", text: `Sent to ${names.length} people.` });
  };
  return (
    <Dialog title="Write to everybody">
      <p dir="auto">{sayAllQuestion(names).replace(/ Type yes.*$/, "")}</p>
      <Field label="Text" value="" action="Send to all" isArea autofocus onSubmit={(text) => void send(text)} />
      <p class="hint">Each person gets it separately, and does not see who else does.</p>
    </Dialog>
  );
}
