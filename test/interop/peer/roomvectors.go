package main

// Makes test/vectors/rooms.json from docs/ROOMS.md: messages, a log and its hash, a link, a GroupInfo at the hub, a bundle,
// signals, and the room's data. In this folder:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run . --room-vectors > ../../vectors/rooms.json

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type noted struct {
	Note    string `json:"note"`
	Message string `json:"message"`
}

// A message that a reader takes, and how Lair would have written it.
type tolerated struct {
	Note    string `json:"note"`
	Message string `json:"message"`
	Means   string `json:"means"`
}

type exampleLog struct {
	Entries  []logEntry `json:"entries"`
	Message  string     `json:"message"`
	InCommit hexBytes   `json:"inCommit"`
}

type exampleBundle struct {
	Packages []hexBytes `json:"packages"`
	Bytes    hexBytes   `json:"bytes"`
}

type refusedBytes struct {
	Note  string   `json:"note"`
	Bytes hexBytes `json:"bytes"`
}

type roomVectors struct {
	Room            hexBytes       `json:"room"`
	Messages        []noted        `json:"messages"`
	Tolerated       []tolerated    `json:"tolerated"`
	Unknown         noted          `json:"unknown"`
	Refused         []noted        `json:"refused"`
	Log             exampleLog     `json:"log"`
	Link            linkParts      `json:"link"`
	Outside         outsideInfo    `json:"outside"`
	Bundle          exampleBundle  `json:"bundle"`
	Signals         []signal       `json:"signals"`
	Contexts        []roomContext  `json:"contexts"`
	RefusedContexts []refusedBytes `json:"refusedContexts"`
}

// quoted is a JSON string as Lair writes it: only what must be escaped is.
func quoted(text string) string {
	out := new(strings.Builder)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // no string fails
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func exampleKeys(name string) []byte {
	static := keyPair(example(name + " static"))
	return bothOf(static)
}

func exampleMessages() []noted {
	to := fmt.Sprintf("%x", []byte(id("entry")))
	from := fmt.Sprintf("%x", exampleKeys("bob"))
	const at = `,"at":1795132980000`
	line := func(seq int, name, text string) string {
		return fmt.Sprintf(`{"seq":%d,"id":"%x","from":"%s"%s,"text":%s}`, seq, []byte(id(name)), from, at, quoted(text))
	}
	return []noted{
		{"a line", `{"kind":"text"` + at + `,"text":` + quoted("can you see this?") + `}`},
		{"a line that lasts an hour, with letters of every length", `{"kind":"text"` + at + `,"ttl":3600,"text":` + quoted("\"<zoë & ☂>\\ 🦊\"\n") + `}`},
		{"an answer to a line", `{"kind":"reply"` + at + `,"to":"` + to + `","text":"yes"}`},
		{"an answer that lasts as long as one can", `{"kind":"reply"` + at + `,"to":"` + to + `","ttl":315576000,"text":"yes"}`},
		{"a new text for a line", `{"kind":"edit"` + at + `,"to":"` + to + `","text":"can you see that?"}`},
		{"a line is deleted", `{"kind":"delete"` + at + `,"to":"` + to + `"}`},
		{"a reaction", `{"kind":"reaction"` + at + `,"to":"` + to + `","reaction":"👍"}`},
		{"a reaction is taken back", `{"kind":"reaction"` + at + `,"to":"` + to + `","reaction":""}`},
		{"lines last a day", `{"kind":"timer"` + at + `,"seconds":86400}`},
		{"lines last for ever, said as early as one can", `{"kind":"timer","at":0,"seconds":0}`},
		{"two earlier lines", `{"kind":"shared"` + at + `,"lines":[` + line(7, "earlier line", "first") + `,` + line(9, "later line", "second") + `]}`},
		{"no earlier lines, as late as one can", `{"kind":"shared","at":8640000000000000,"lines":[]}`},
		{"everything was read up to an entry", `{"kind":"read"` + at + `,"to":"` + to + `"}`},
		{"somebody types", `{"kind":"typing"` + at + `}`},
	}
}

func exampleRefusals() []noted {
	to := fmt.Sprintf("%x", []byte(id("entry")))
	return []noted{
		{"no kind", `{"at":1,"text":"a"}`},
		{"an empty kind", `{"kind":"","at":1,"text":"a"}`},
		{"a kind of 33 bytes", `{"kind":"` + strings.Repeat("k", 33) + `"}`},
		{"no time", `{"kind":"text","text":"a"}`},
		{"a time that is not whole", `{"kind":"text","at":1.5,"text":"a"}`},
		{"a time after the last", `{"kind":"text","at":8640000000000001,"text":"a"}`},
		{"no text", `{"kind":"text","at":1}`},
		{"a lifetime of 0", `{"kind":"text","at":1,"ttl":0,"text":"a"}`},
		{"a lifetime of null", `{"kind":"text","at":1,"ttl":null,"text":"a"}`},
		{"an id in capitals", `{"kind":"delete","at":1,"to":"` + strings.ToUpper(to) + `"}`},
		{"an id of 15 bytes", `{"kind":"delete","at":1,"to":"` + to[2:] + `"}`},
		{"a reaction of 65 bytes", `{"kind":"reaction","at":1,"to":"` + to + `","reaction":"` + strings.Repeat("r", 65) + `"}`},
		{"an earlier line without a time", `{"kind":"shared","at":1,"lines":[{"seq":1,"id":"` + to + `","from":"` + strings.Repeat("00", 64) + `","text":"a"}]}`},
		{"a mark of null", `{"kind":"typing","at":1,"log":null}`},
		{"a mark with half a hash", `{"kind":"typing","at":1,"log":{"seq":1,"hash":"` + to + `"}}`},
		{"a list", `[{"kind":"typing","at":1}]`},
		{"something behind it", `{"kind":"typing","at":1} 1`},
	}
}

func exampleEntries() exampleLog {
	ada, bob := keyPair(example("ada static")).Public, keyPair(example("bob static")).Public
	entries := []logEntry{
		{Type: "commit", Epoch: 0, Poster: ada, AtMs: exampleTime, Bytes: []byte("a commit")},
		{Type: "message", Epoch: 1, Poster: bob, AtMs: exampleTime + 1, Bytes: []byte("a message")},
		{Type: "notice", Epoch: 1, Poster: ada, AtMs: exampleTime + 2, Bytes: []byte{}},
		{Type: "message", Epoch: 1, Poster: ada, AtMs: exampleTime + 3, Bytes: []byte(text(2000))},
	}
	before := make([]byte, 32)
	for i := range entries {
		entries[i].Seq, entries[i].ID = uint64(i), id(fmt.Sprintf("entry %d", i))
		entries[i].hash(before)
		before = entries[i].H
	}
	last := entries[len(entries)-1]
	message := fmt.Sprintf(`{"kind":"text","at":1795132980000,"text":"all read","log":{"seq":%d,"hash":"%s"}}`, last.Seq, hex.EncodeToString(last.H))
	return exampleLog{entries, message, markInCommit(last)}
}

func exampleContexts() []roomContext {
	key := func(name string) hexBytes { return signatureKey(example(name + " static")) }
	link := func(name string) contextLink { return contextLink{id(name), example(name + " secret")} }
	contexts := []roomContext{
		{Note: "a room with everything", Kind: "room", Name: "ops ☂", Topic: "what runs, and what does not", Shared: 10000,
			Roles:   []contextRole{{key("ada"), "admin"}, {key("bob"), "moderator"}, {key("eve"), "admin"}},
			Leaving: []hexBytes{key("fay"), key("gus")}, Banned: []hexBytes{key("mallory"), key("oscar"), key("trudy")},
			Links: []contextLink{link("link"), link("second link"), link("third link")}},
		{Note: "an announcement room", Kind: "announcement", Name: strings.Repeat("n", 200), Topic: "", Shared: 0,
			Roles: []contextRole{{key("ada"), "admin"}}},
		{Note: "a direct room, with nothing in it", Kind: "direct"},
	}
	for i := range contexts {
		one := &contexts[i]
		if one.Roles == nil {
			one.Roles = []contextRole{}
		}
		if one.Leaving == nil {
			one.Leaving, one.Banned, one.Links = []hexBytes{}, []hexBytes{}, []contextLink{}
		}
		one.encode()
	}
	return contexts
}

// exampleContextFaults are encodings that there are not.
func exampleContextFaults() []refusedBytes {
	one, other := signatureKey(example("ada static")), signatureKey(example("bob static"))
	if string(one) > string(other) {
		one, other = other, one
	}
	head := []byte{1, 1, 0, 0, 0, 0, 0, 0}
	none := []byte{0, 0}
	return []refusedBytes{
		{"another version", join([]byte{2}, head[1:], none, none, none, none)},
		{"another kind", join([]byte{1, 4}, head[2:], none, none, none, none)},
		{"one byte too many", join(head, none, none, none, none, []byte{0})},
		{"cut short", join(head, none, none, none, []byte{0})},
		{"a name that is not UTF-8", join([]byte{1, 1, 0, 1, 0xff}, head[4:], none, none, none, none)},
		{"10,001 shared lines", join(head[:6], u16(10001), none, none, none, none)},
		{"a role that there is not", join(head, u16(1), one, []byte{3}, none, none, none)},
		{"keys that do not ascend", join(head, none, u16(2), other, one, none, none)},
		{"a key twice", join(head, none, none, u16(2), one, one, none)},
	}
}

func printRoomVectors() error {
	room := id("room")
	link := linkParts{"ws://127.0.0.1:8080/", example("invite psk"), keyPair(example("hub static")).Public, room, id("link"), example("link secret"), ""}
	link.Text = link.format()
	outside := outsideInfo{GroupInfo: hexBytes("an MLSMessage with a GroupInfo, " + text(300)), ContentKey: example("content key"), Salt: example("salt"),
		Links: []outsideLink{{ID: link.ID, Secret: link.Secret}}}
	for _, name := range []string{"ada", "bob"} {
		static := keyPair(example(name + " static"))
		outside.Members = append(outside.Members, outsideMember{StaticPrivate: static.Private, StaticPublic: static.Public,
			SignatureKey: signatureKey(static.Private), EphemeralPrivate: example(name + " outside ephemeral")})
	}
	if err := outside.seal(room); err != nil {
		return err
	}
	packages := []hexBytes{hexBytes("an MLSMessage with a key package of suite 83"), hexBytes("an MLSMessage with one of suite 1")}
	messages := exampleMessages()
	read, typing := messages[len(messages)-2].Message, messages[len(messages)-1].Message
	sender := keyPair(example("bob static")).Public
	signals := []signal{
		{Note: "what was read", Epoch: 4, Sender: sender, Key: example("exporter 4"), Nonce: example("nonce")[:12], Message: read},
		{Note: "somebody types", Epoch: 1<<53 - 1, Sender: sender, Key: example("exporter last"), Nonce: example("second nonce")[:12], Message: typing},
	}
	for i := range signals {
		if err := signals[i].seal(room); err != nil {
			return err
		}
	}
	to := fmt.Sprintf("%x", []byte(id("entry")))
	made := roomVectors{Room: room, Messages: messages,
		Tolerated: []tolerated{
			{"another order, blanks, and a member that there is not", `{ "colour": "red", "text": "a", "kind": "text", "at": 1 }` + "\n",
				`{"kind":"text","at":1,"text":"a"}`},
			{"a number with an exponent, and letters that need no escape", `{"kind":"edit","at":1e3,"to":"` + to + `","text":"\u0061\/"}`,
				`{"kind":"edit","at":1000,"to":"` + to + `","text":"a/"}`},
		},
		Unknown: noted{"of a newer Lair, which may have no time", `{"kind":"poll","question":"when?"}`},
		Refused: exampleRefusals(), Log: exampleEntries(), Link: link, Outside: outside, Bundle: exampleBundle{packages, bundle(packages)},
		Signals: signals, Contexts: exampleContexts(), RefusedContexts: exampleContextFaults()}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(made)
}
