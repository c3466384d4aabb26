// The page without its program's permission: the link of the program's present run is needed.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Field } from "./controls.tsx";

interface SignedOutProps {
  readonly program: string | undefined;
  readonly signIn: (link: string) => Promise<boolean>;
}

export function SignedOut({ program, signIn }: SignedOutProps): JSX.Element {
  const [isRefused, setRefused] = useState(false);
  const submit = async (link: string): Promise<void> => setRefused(!(await signIn(link)));
  return (
    <main class="alone">
      <div class="card">
        <Wordmark />
        <h1>This page is not signed in</h1>
        <p>
          Open the link that {program ?? "lair-client or lair-server"} shows when it starts with <code>--http</code>.
          Each start has a new link, unless its token is kept in a file. You can paste it here too. If Lair is not
          running, or something else answers in its place, this page goes on by itself once Lair is back.
        </p>
        <Field label="Link" value="" action="Sign in" onSubmit={(link) => void submit(link)} autofocus />
        <p role="alert" class="problem">
          {isRefused ? "This link is from an earlier start of the program. Copy the newest one." : ""}
        </p>
      </div>
    </main>
  );
}

export function Wordmark(): JSX.Element {
  return (
    <span class="wordmark">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M7 25V17a9 9 0 0 1 18 0v8h-5.500v-7.500a3.500 3.500 0 0 0-7 0V25z" />
      </svg>
      <span>Lair</span>
    </span>
  );
}
