// What happens in a conversation beside lines, as the terminal words it. Pure.

import { exactSpan } from "../../ui/retention-phrases.ts";
import { type EventObject, numberOf, personOf, textOf } from "./event-reader.ts";
import { personName, shownName, shownRow } from "./names.ts";

/** The sentence of an event, for the conversation that it is about; undefined if it needs none there. */
export function notePhrase(event: EventObject): string | undefined {
  const who = personOf(event, "who");
  const by = personOf(event, "by");
  const isYou = who === undefined || who.self === true;
  const name = who === undefined ? "you" : personName(who);
  const setBy = by === undefined ? "" : `, by ${personName(by)}`;
  switch (event.event) {
    case "room-created":
      return "you have made this room";
    case "asked":
      return "you have asked to be let in; an admin or moderator decides";
    case "knocked":
      return `${name} asks to be let in`;
    case "joined":
      if (isYou) return "you are in the room";
      return by === undefined ? `${name} is in the room, by a link` : `${name} was added by ${personName(by)}`;
    case "came-back":
      return isYou ? "you are in the room again" : `${name} is in the room again`;
    case "left":
      return isYou ? "you have left; what was said stays here" : `${name} has left`;
    case "removed":
      if (by === undefined) return "you were removed, or the room was closed; what was said stays here";
      return `${by.self === true ? "you have" : `${personName(by)} has`} removed ${name}`;
    case "banned":
      return `${name} cannot come back${setBy}`;
    case "unbanned":
      return `${name} can come back${setBy}`;
    case "role-changed":
      return `${name} ${isYou ? "are" : "is"} ${shownRow(textOf(event, "role") ?? "")} now${setBy}`;
    case "topic-changed":
      return topicPhrase(shownRow(textOf(event, "topic") ?? ""), setBy);
    case "room-renamed":
      return `the room is called #${shownName(textOf(event, "name") ?? "")} now${setBy}`;
    case "timer":
      return timerPhrase(event, by === undefined ? textOf(event, "by") : personName(by));
    case "links-revoked":
      return "the links to the room will no longer work";
    case "unknown-message":
      return `there is something here that this version cannot show (${shownRow(textOf(event, "kind") ?? "")})`;
    case "unreadable-message":
      return "there is something here that cannot be read";
    default:
      return undefined;
  }
}

function topicPhrase(topic: string, setBy: string): string {
  return topic === "" ? `no topic any more${setBy}` : `the topic is “${topic}” now${setBy}`;
}

function timerPhrase(event: EventObject, by: string | undefined): string {
  const seconds = numberOf(event, "seconds") ?? 0;
  const isRoom = textOf(event, "room") !== undefined;
  const setBy = by === undefined ? "" : `, set by ${by === "peer" ? peerName(event) : by}`;
  const what = isRoom ? "lines" : "messages";
  if (seconds === 0) return `${what} no longer disappear${setBy}`;
  return `${what} disappear ${exactSpan(seconds * 1000)} after they were ${isRoom ? "said" : "delivered"}${setBy}`;
}

function peerName(event: EventObject): string {
  const peer = personOf(event, "peer");
  return peer === undefined ? "the other side" : shownName(peer.name);
}

/** What needs attention: what happened, and what to do; undefined for every other event. */
export function warningOf(event: EventObject): { readonly text: string; readonly hint: string } | undefined {
  const room = `#${shownName(textOf(event, "name") ?? "")}`;
  const name = shownName(personOf(event, "by")?.name ?? personOf(event, "who")?.name ?? "");
  switch (event.event) {
    case "missing":
      return {
        text: `You were away for longer than the hub keeps lines: some of ${room} are missing.`,
        hint: "Ask somebody there for what you need; no program can send them again.",
      };
    case "not-followed":
      return {
        text: `The program of ${name} tried something that the rules of ${room} forbid; all other programs refused it: ${shownRow(textOf(event, "why") ?? "")}.`,
        hint: `Ask ${name} whether that was meant. An admin or moderator can remove ${name}.`,
      };
    case "log-differs":
      return {
        text: `${name} has seen a different log of ${room} than you: the hub leaves something out, or shows different things to different people.`,
        hint: "Compare the last lines through another channel, and ask the hub’s operator. Do not rely on this room until you know.",
      };
    case "key-changed":
      return {
        text: `This is not the ${name} that was known in ${room}: the key changed.`,
        hint: `Either somebody is intercepting the connection, or ${name} set up Lair again. Ask ${name} through another channel, and compare the words.`,
      };
    default:
      return undefined;
  }
}
