// Small controls that dialogs share.

import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWish } from "./use-wish.ts";

interface ConfirmProps {
  /** What the button does: "Delete the history". */
  readonly label: string;
  readonly question: string;
  readonly onYes: () => void;
}

/** A button for what cannot be taken back: it asks first, in its place. */
export function Confirm({ label, question, onYes }: ConfirmProps): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const safe = useRef<HTMLButtonElement>(null);
  const hasAsked = useRef(false);
  useLayoutEffect(() => {
    if (isAsking || hasAsked.current) safe.current?.focus();
    hasAsked.current = isAsking;
  }, [isAsking]);
  if (!isAsking) {
    return (
      <button type="button" class="button button-danger" ref={safe} onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  }
  return (
    <div class="confirm" role="group" aria-label={question}>
      <p>{question}</p>
      <div class="buttons">
        <button
          type="button"
          class="button button-danger-sure"
          onClick={() => {
            setAsking(false);
            onYes();
          }}
        >
          {label}
        </button>
        <button type="button" class="button" ref={safe} onClick={() => setAsking(false)}>
          No
        </button>
      </div>
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly action: string;
  /** False: it was refused, and the text stays. */
  readonly onSubmit: (value: string) => void | Promise<boolean>;
  readonly hint?: string;
  readonly isArea?: boolean;
  readonly canBeEmpty?: boolean;
  /** Whether it is emptied once it is taken. */
  readonly clears?: boolean;
  readonly autofocus?: boolean;
  readonly list?: readonly string[];
}

/** A text with a button that takes it. */
export function Field(props: FieldProps): JSX.Element {
  const { label, value, action, onSubmit, hint, list } = props;
  const { isArea = false, canBeEmpty = false, clears = false, autofocus = false } = props;
  const [text, setText] = useState(value);
  const id = useId();
  // Before it is drawn: later, it would take away what the person has typed since.
  useLayoutEffect(() => setText(value), [value]);
  // The browser does it only for a page that is loaded, and for dialogs.
  useLayoutEffect(() => {
    if (autofocus && document.activeElement === document.body) document.getElementById(id)?.focus();
  }, []);
  const isReady = text !== value && (canBeEmpty || text.trim() !== "");
  const submit = async (): Promise<void> => {
    const isTaken = await onSubmit(text.trim());
    if (clears && isTaken !== false) setText(value);
  };
  const below = hint !== undefined && (
    <p class="hint" id={`${id}-hint`}>
      {hint}
    </p>
  );
  const shared = {
    id,
    value: text,
    dir: "auto" as const,
    autocomplete: "off" as const,
    spellcheck: false,
    autofocus,
    ...(hint === undefined ? {} : { "aria-describedby": `${id}-hint` }),
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) => setText(currentTarget.value),
  };
  return (
    <form
      class={isArea ? "field field-area" : "field"}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void submit();
      }}
    >
      <label for={id}>{label}</label>
      <div class="field-row">
        {isArea ? (
          <>
            <textarea {...shared} rows={3} onKeyDown={submitOnEnter} />
            {below}
          </>
        ) : (
          <input {...shared} list={list && `${id}-list`} />
        )}
        <button type="submit" class={isArea ? "button button-main" : "button"} disabled={!isReady}>
          {action}
        </button>
      </div>
      {!isArea && below}
      {list !== undefined && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </form>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly isOn: boolean;
  /** The switch shows the choice until this is done. */
  readonly onChange: (isOn: boolean) => Promise<unknown> | void;
}

export function Switch({ label, hint, isOn, onChange }: SwitchProps): JSX.Element {
  const id = useId();
  const [isShownOn, choose] = useWish<boolean>(isOn, onChange);
  return (
    <div class="switch">
      <div>
        <label for={id}>{label}</label>
        {hint !== undefined && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={isShownOn}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ currentTarget }) => choose(currentTarget.checked)}
      />
    </div>
  );
}

const TIMERS: readonly (readonly [number, string])[] = [
  [0, "off"],
  [30, "30 s"],
  [300, "5 min"],
  [3_600, "1 h"],
  [28_800, "8 h"],
  [86_400, "1 d"],
  [604_800, "7 d"],
  [2_592_000, "30 d"],
];

interface TimerProps {
  readonly seconds: number;
  readonly onChange: (seconds: number) => Promise<unknown>;
  readonly words: (seconds: number) => string;
}

/** After how long lines disappear. */
export function TimerChoice({ seconds: known, onChange, words }: TimerProps): JSX.Element {
  const id = useId();
  const [seconds, choose] = useWish<number>(known, onChange);
  const isListed = TIMERS.some(([one]) => one === seconds);
  return (
    <div class="field">
      <label for={id}>Lines disappear after</label>
      <select id={id} value={String(seconds)} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
        {!isListed && <option value={String(seconds)}>{words(seconds)}</option>}
        {TIMERS.map(([one, name]) => (
          <option key={one} value={String(one)}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A part of a dialog with its own heading. */
export function Section({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

/** Names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** No text that is asked for here has lines. */
function submitOnEnter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.isComposing || !(event.currentTarget instanceof HTMLTextAreaElement)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
