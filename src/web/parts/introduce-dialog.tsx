// Introduces two people who do not know each other.

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { PeerJson } from "../../app/api/views.ts";
import { shownName } from "../state/names.ts";
import { Dialog } from "./dialog.tsx";
import { usePage } from "./use-page.ts";

export function IntroduceDialog({ first }: { readonly first: string }): JSX.Element {
  const { page, view } = usePage();
  const people = view.peers.filter(({ hub, awaited }) => hub !== true && awaited !== true);
  const [one, setOne] = useState(first === "" ? (people[0]?.id ?? "") : first);
  const [other, setOther] = useState(people.find(({ id }) => id !== one)?.id ?? "");
  const introduce = async (): Promise<void> => {
    if ((await page.attempt("introduce", { who: [one, other] })) === undefined) return;
    page.show(undefined);
    page.notice({ tone: "info", text: "Both are asked. If both accept, they connect directly." });
  };
  return (
    <Dialog title="Introduce two people">
      <p>Each learns the other’s keys from you. Both must be connected, and both are asked.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void introduce();
        }}
      >
        <Choice label="Who" people={people} value={one} onChange={setOne} />
        <Choice label="To whom" people={people.filter(({ id }) => id !== one)} value={other} onChange={setOther} />
        <div class="buttons">
          <button type="submit" class="button button-main" disabled={one === "" || other === "" || one === other}>
            Introduce
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly people: readonly PeerJson[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}

function Choice({ label, people, value, onChange }: ChoiceProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {people.map((one) => (
          <option key={one.id} value={one.id}>
            {shownName(one.name)} ({one.id.slice(0, 8)})
          </option>
        ))}
      </select>
    </div>
  );
}
