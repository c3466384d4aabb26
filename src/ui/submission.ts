// What happens to a line after Enter, in every frontend of a terminal: it is sent, executed as a command, or refused.
// `help` is answered here, because only a frontend knows its own input.

import type { ProgramName } from "../app/command-table.ts";
import { doubtAbout, noteAbout, parseCommand } from "../app/commands.ts";
import type { Command, ProgramEvent } from "../app/events.ts";
import { hasMisread } from "../app/input-text.ts";
import { forRecipient, recipientOf } from "../app/people.ts";
import { hasRooms } from "../app/rooms/room-command-names.ts";
import type { KnownRoom } from "../app/rooms/room-reports.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { View } from "./view.ts";

const NOT_UTF8 = {
  message: "This line contains something that is not UTF-8, so it was not sent.",
  hint: "Set the terminal to UTF-8, and the locale too: LANG=C.UTF-8, without LC_ALL.",
  code: "input-malformed",
} as const;

const TURN_TO_ROOM =
  "Switch the prompt to somebody or to a room: to NAME, to #ROOM. Or say it once: @NAME TEXT, @#ROOM TEXT.";

type Say = Extract<Command, { type: "say" }>;
/** A line that is said to somebody, or in a room. */
type Said = Say | Extract<Command, { type: "room" }>;

const YES_OR_NO = /^(?:y|yes|n|no)$/i;

/**
 * The question of a command. It holds until the next line.
 *
 *   clear ---somebody says something, connects, or leaves---> in doubt ("yes" may be meant for them; it does nothing)
 *     but the one of `all`: neither its text nor those it named change, and what it does is to say something
 *   clear ---a question of somebody else is shown: an introduction, or a timer of a peer---> in doubt, whatever was asked
 */
interface Question {
  readonly word: string;
  /** The effect of `yes`. */
  readonly what: string;
  readonly confirmed: Command;
  /** The line that asks again, or that means the same as `yes`; `nameOf` is how a line names a peer. */
  readonly typed: (nameOf: (peer: PeerView) => string) => string;
  /** Whether what others say puts it in doubt. */
  readonly isAboutSomebody: boolean;
  /** What to say after `no`. */
  readonly no: string;
  /** What to say when another line comes instead of an answer. Absent: nothing, for nothing is lost by it. */
  readonly dropped?: string;
  readonly isInDoubt: boolean;
}

function forget({ peer }: Extract<ProgramEvent, { type: "forget-asked" }>): Question {
  return {
    word: "forget",
    what: "remove them",
    confirmed: { type: "forget", confirmed: true, to: recipientOf(peer) },
    typed: (nameOf) => `forget ${nameOf(peer)} yes`,
    isAboutSomebody: true,
    no: "nothing was removed",
    isInDoubt: false,
  };
}

/** To those who were named: somebody else may be paired when the answer comes. */
function sayAll({ text, peers }: Extract<ProgramEvent, { type: "say-all-asked" }>): Question {
  return {
    word: "all",
    what: "send it",
    confirmed: { type: "say-all", text, confirmed: true, to: peers.map((peer) => recipientOf(peer)) },
    typed: () => `all ${text}`,
    isAboutSomebody: false,
    no: "it was not sent",
    dropped: "What you wanted to send to everybody was not sent.",
    isInDoubt: false,
  };
}

/** By the fingerprint: the name may belong to another peer when the answer comes. */
function forgetPeer({ peer, history }: Extract<ProgramEvent, { type: "forget-peer-asked" }>): Question {
  return {
    word: "forget-peer",
    what: "end the pairing",
    confirmed: { type: "forget-peer", who: recipientOf(peer), history, confirmed: true },
    typed: (nameOf) => `forget-peer ${nameOf(peer)}${history ? " --with-history" : ""} --yes`,
    isAboutSomebody: true,
    no: "nothing was removed",
    isInDoubt: false,
  };
}

interface SubmissionActions {
  /** Shows the line in the conversation, above its answer. */
  echo(line: string): void;
  print(rows: readonly string[]): void;
  /**
   * Puts a line back into the input, for another Enter. Absent if that is not possible: then an empty line sends it.
   */
  putBack?(line: string): void;
  command(command: Command): void;
}

export class Submission {
  readonly #program: ProgramName;
  readonly #view: View;
  readonly #actions: SubmissionActions;
  /** The line in question, which the next Enter sends as it is, and to whom it named. */
  #asked: { readonly line: string; readonly said: Said } | undefined;
  /** Whether a command has asked, so that the next line may be its answer. */
  #question: Question | undefined;

  constructor(program: ProgramName, view: View, actions: SubmissionActions) {
    this.#program = program;
    this.#view = view;
    this.#actions = actions;
  }

  /** Every event that the frontend shows: some ask a question, or identify the peer that an answer may go to. */
  learn(event: ProgramEvent): void {
    if (event.type === "forget-asked") this.#question = event.count > 0 ? forget(event) : undefined;
    if (event.type === "say-all-asked") this.#question = sayAll(event);
    if (event.type === "forget-peer-asked") this.#question = forgetPeer(event);
    const question = this.#question;
    if (question === undefined) return;
    const ofRoom = event.type === "room" ? event.report.type : undefined;
    const isSaid = event.type === "message" || ofRoom === "message";
    const isChange = isSaid || event.type === "connected" || event.type === "disconnected";
    const isAsked = event.type === "introduction" || ofRoom === "invited";
    const isQuestion = isAsked || (event.type === "timer" && event.by === "peer");
    if (isQuestion || (isChange && question.isAboutSomebody)) this.#question = { ...question, isInDoubt: true };
  }

  /** A line, after Enter was pressed. */
  submit(text: string): void {
    const asked = this.#asked;
    this.#asked = undefined;
    const question = this.#question;
    if (text.trim() !== "") this.#question = undefined;
    const isAnswer = YES_OR_NO.test(text.trim()) && asked === undefined;
    if (question?.dropped !== undefined && text.trim() !== "" && !isAnswer) {
      this.#actions.print(this.#view.notice(question.dropped));
    }
    if (question !== undefined && isAnswer) this.#answer(question, text);
    else if (hasMisread(text)) this.#actions.print(this.#view.problem(NOT_UTF8));
    else if (asked !== undefined && this.#isConfirmed(text, asked)) this.#command(asked.said);
    else this.#parse(text);
  }

  #isConfirmed(text: string, { line }: { readonly line: string }): boolean {
    return text.trimEnd() === line || (this.#actions.putBack === undefined && text.trim() === "");
  }

  /** `yes` or `no` after the question of a command. */
  #answer(question: Question, text: string): void {
    const { isInDoubt, word, confirmed } = question;
    const answer = text.trim().toLowerCase();
    if (isInDoubt) {
      // The line may be an answer to somebody who has said something since, and the deletion cannot be undone. It is not
      // put back: a second Enter would send it to the recipient of the prompt.
      this.#question = question;
      const typed = question.typed((peer) => this.#view.typedName(peer));
      this.#actions.echo(text.trim());
      this.#actions.print(
        this.#view.notice(`Was that for ${word}? Then type ${typed}. To say it, type /say ${text.trim()}.`),
      );
      return;
    }
    this.#actions.echo(text.trim());
    if (answer === "yes") this.#actions.command(confirmed);
    else if (answer.startsWith("n")) this.#actions.print(this.#view.notice(question.no));
    else {
      this.#question = question;
      this.#actions.print(this.#view.notice(`Type yes as a whole word to ${question.what}, or no.`));
    }
  }

  #parse(text: string): void {
    const { selection } = this.#view;
    const { people, introduced, peer, roomsHere } = selection;
    const parsed = parseCommand(text, this.#program, people, introduced, peer, roomsHere);
    if (parsed.type === "nothing") return;
    selection.entered(parsed.type === "room" ? parsed.command : undefined);
    if (parsed.type === "say" || (parsed.type === "room" && parsed.command.type === "say")) {
      this.#say(parsed, text);
      return;
    }
    this.#actions.echo(text.trim());
    if (parsed.type === "help") this.#actions.print(this.#view.help());
    else if (parsed.type === "turn") this.#turnTo(parsed.room);
    else if (parsed.type === "unknown") {
      const message = `Not understood: ${parsed.word}`;
      this.#actions.print(this.#view.problem({ message, hint: parsed.hint, code: "unknown-command" }));
    } else {
      const note = noteAbout(text, this.#program, people, roomsHere);
      if (note !== undefined) this.#actions.print(this.#view.notice(note));
      this.#command(parsed);
    }
  }

  /** Not echoed: it returns as an event and appears in the conversation. */
  #say(said: Said, text: string): void {
    const { people, introduced, peer, roomsHere } = this.#view.selection;
    const problem = said.type === "say" ? this.#unaddressed(said) : this.#isGone(said) ? this.#gone() : undefined;
    if (problem !== undefined) {
      this.#actions.print(this.#view.problem({ ...problem, code: "ambiguous-recipient" }));
      this.#actions.putBack?.(text.trimEnd());
      return;
    }
    const turned = said.type === "say" ? this.#turned(said) : undefined;
    const question = turned ?? doubtAbout(text, this.#program, people, introduced, peer, roomsHere);
    if (question !== undefined) this.#ask(question, text.trimEnd(), said);
    else this.#command(said);
  }

  #turnTo(room: KnownRoom): void {
    this.#view.selection.turnToRoom(room);
    this.#actions.print(this.#view.turnedTo(room));
  }

  /**
   * What to tell somebody whose line has no name, where the prompt is at none of several people, or at a room that the user
   * is not in any more. Not to the person of --to: the prompt does not show that.
   */
  #unaddressed({ to }: Say): Pick<Parameters<View["problem"]>[0], "message" | "hint"> | undefined {
    const { selection } = this.#view;
    const { people, peer, goneRoom, roomsHere } = selection;
    if (to !== undefined || peer !== undefined) return undefined;
    const hint = hasRooms(roomsHere)
      ? TURN_TO_ROOM
      : "Switch it to somebody: to NAME. Or say it to one person: @NAME TEXT.";
    if (goneRoom !== undefined) return this.#gone();
    const isClear = people.length === 1 || (people.length === 0 && roomsHere.rooms.length === 0);
    return isClear ? undefined : { message: "The prompt is at nobody; this was not sent.", hint };
  }

  /** Whether a line is for the room that the prompt is at, and the user is out of it. */
  #isGone({ command }: Exclude<Said, Say>): boolean {
    return command.type === "say" && command.room === this.#view.selection.goneRoom?.id;
  }

  #gone(): Pick<Parameters<View["problem"]>[0], "message" | "hint"> {
    const { goneRoom } = this.#view.selection;
    const name = goneRoom === undefined ? "the room" : this.#view.roomName(goneRoom);
    return { message: `You are not in ${name} any more; this was not sent.`, hint: TURN_TO_ROOM };
  }

  /**
   * A line goes only to somebody whom the prompt showed. If it showed nobody, because the person there was forgotten, or
   * the only one came while this was typed, it turns to that one first, and says so.
   */
  #turned({ to }: Say): string | undefined {
    const { selection } = this.#view;
    const [only, ...others] = selection.people;
    if (to !== undefined || selection.peer !== undefined || only === undefined || others.length > 0) return undefined;
    selection.turnTo(only);
    return `The prompt was at nobody, and is at ${this.#view.peerName(only)} now. Enter sends the line; Ctrl-U clears it.`;
  }

  /**
   * What names nobody is for the peer that the prompt is at; `status` tells of the others too. `search` and `peers` are
   * about all.
   */
  #command(command: Command): void {
    const { peer } = this.#view.selection;
    if (command.type === "search" || command.type === "peers" || peer === undefined) this.#actions.command(command);
    else {
      const isStatus = command.type === "status" && command.to === undefined;
      this.#actions.command(forRecipient(isStatus ? { ...command, withOthers: true } : command, recipientOf(peer)));
    }
  }

  #ask(question: string, line: string, said: Said): void {
    this.#asked = { line, said };
    this.#actions.print(this.#view.notice(question));
    this.#actions.putBack?.(line);
  }
}
