package main

// Makes test/vectors/hub.json from docs/HUB.md: each call with an answer, each refusal, each piece of news, a knock, and
// transfers in pieces. In this folder:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run . --hub-vectors ../../../docs/HUB.md > ../../vectors/hub.json

import (
	"encoding/json"
	"fmt"
	"os"
)

type vectorCall struct {
	Call        string   `json:"call"`
	Ask         any      `json:"ask"`
	Bytes       hexBytes `json:"bytes"`
	Answer      any      `json:"answer"`
	AnswerBytes hexBytes `json:"answerBytes"`
}

type vectorNews struct {
	News   string   `json:"news"`
	Fields any      `json:"fields"`
	Bytes  hexBytes `json:"bytes"`
}

type vectorFields struct {
	Fields any      `json:"fields"`
	Bytes  hexBytes `json:"bytes"`
}

type vectorTransfer struct {
	Note    string     `json:"note"`
	Kind    string     `json:"kind"`
	Number  uint32     `json:"number"`
	Bytes   hexBytes   `json:"bytes"`
	Records []hexBytes `json:"records"`
}

type vectorFault struct {
	Note    string     `json:"note"`
	Records []hexBytes `json:"records"`
}

// Transfers whose pieces alternate; they are complete in this order.
type vectorMixed struct {
	Records   []hexBytes    `json:"records"`
	Transfers []mixedResult `json:"transfers"`
}

type mixedResult struct {
	Kind   string   `json:"kind"`
	Number uint32   `json:"number"`
	Bytes  hexBytes `json:"bytes"`
}

type vectorMalformed struct {
	Note  string   `json:"note"`
	Bytes hexBytes `json:"bytes"`
}

type hubVectors struct {
	Calls     []vectorCall      `json:"calls"`
	Refusals  []vectorFields    `json:"refusals"`
	News      []vectorNews      `json:"news"`
	Knock     vectorFields      `json:"knock"`
	Malformed []vectorMalformed `json:"malformed"`
	Transfers []vectorTransfer  `json:"transfers"`
	Mixed     vectorMixed       `json:"mixed"`
	Faults    []vectorFault     `json:"faults"`
}

type values = map[string]any

func id(name string) hexBytes { return example(name)[:16] }

const (
	exampleTime = 1795132980000
	exampleEnd  = exampleTime + 7*86400000
)

// exampleCalls has all that a call can ask and answer; a call with something that may be left out is there twice.
func exampleCalls() []vectorCall {
	room, entry := id("room"), id("entry")
	key, other := hexBytes(keyPair(example("ada static")).Public), hexBytes(keyPair(example("bob static")).Public)
	link := fmt.Sprintf("%x", []byte(id("link")))
	commit := hexBytes("an MLSMessage with a commit")
	member := values{"key": other, "role": "member"}
	return []vectorCall{
		{Call: "find", Ask: values{"key": key, "handle": nil}, Answer: values{"account": values{"key": key,
			"signatureKey": hexBytes(signatureKey(example("ada static"))), "handle": "ada", "role": "operator"}}},
		{Call: "find", Ask: values{"key": nil, "handle": "zoë"}, Answer: values{"account": nil}},
		{Call: "publish", Ask: values{"packages": []any{
			values{"id": id("package"), "bytes": hexBytes("a bundle"), "expiresAtMs": exampleEnd, "isLastResort": false},
			values{"id": id("last resort"), "bytes": hexBytes("the last resort"), "expiresAtMs": uint64(1<<53 - 1), "isLastResort": true},
		}}, Answer: values{"count": 1}},
		{Call: "take", Ask: values{"key": other}, Answer: values{"package": hexBytes("a bundle")}},
		{Call: "take", Ask: values{"key": other}, Answer: values{"package": nil}},
		{Call: "create", Ask: values{"room": room, "listedName": "ops"}, Answer: values{}},
		{Call: "create", Ask: values{"room": room, "listedName": nil}, Answer: values{}},
		{Call: "rooms", Ask: values{}, Answer: values{"rooms": []any{
			values{"room": room, "epoch": 17, "commits": 258, "next": 70000, "oldest": 300, "from": 2, "cursor": 65536}}}},
		{Call: "seats", Ask: values{"room": room}, Answer: values{"seats": []any{
			values{"key": key, "role": "admin", "isOnline": true}, values{"key": other, "role": "moderator", "isOnline": false},
			values{"key": example("key of a member"), "role": "member", "isOnline": true}}}},
		{Call: "listed", Ask: values{"after": "ops"}, Answer: values{"rooms": []any{values{"room": room, "name": "ops 2"}}}},
		{Call: "listed", Ask: values{"after": nil}, Answer: values{"rooms": []any{}}},
		{Call: "commit", Ask: values{"room": room, "id": entry, "epoch": 3, "commits": 12, "bytes": commit,
			"seats": []any{member}, "removed": []any{key, example("key of a member")}, "listing": values{"name": "ops"},
			"groupInfo": hexBytes("a sealed GroupInfo"), "welcome": values{"to": []any{other}, "bytes": hexBytes("a welcome")},
			"link": link}, Answer: values{"seq": 70000}},
		{Call: "commit", Ask: values{"room": room, "id": entry, "epoch": 0, "commits": 0, "bytes": commit, "seats": []any{},
			"removed": []any{}, "listing": values{"name": nil}, "groupInfo": nil, "welcome": nil, "link": nil},
			Answer: values{"seq": 0}},
		{Call: "commit", Ask: values{"room": room, "id": entry, "epoch": 0, "commits": 0, "bytes": commit, "seats": []any{},
			"removed": []any{}, "listing": nil, "groupInfo": nil, "welcome": nil, "link": nil}, Answer: values{"seq": 0}},
		{Call: "post", Ask: values{"room": room, "type": "message", "id": entry, "epoch": 3, "bytes": hexBytes("an MLSMessage")},
			Answer: values{"seq": uint64(1<<53 - 1)}},
		{Call: "post", Ask: values{"room": room, "type": "notice", "id": entry, "epoch": 3, "bytes": hexBytes{}},
			Answer: values{"seq": 1}},
		{Call: "read", Ask: values{"room": room, "from": 300}, Answer: values{"entries": []any{
			values{"seq": 300, "type": "commit", "id": entry, "epoch": 3, "poster": key, "atMs": exampleTime, "bytes": commit},
			values{"seq": 301, "type": "message", "id": id("entry 2"), "epoch": 4, "poster": other, "atMs": exampleTime + 1, "bytes": hexBytes("an MLSMessage")},
			values{"seq": 302, "type": "notice", "id": id("entry 3"), "epoch": 4, "poster": key, "atMs": exampleTime, "bytes": hexBytes{}}}}},
		{Call: "acknowledge", Ask: values{"room": room, "next": 303}, Answer: values{}},
		{Call: "letters", Ask: values{}, Answer: values{"letters": []any{
			values{"id": id("letter"), "kind": "welcome", "bytes": hexBytes("a welcome"), "atMs": exampleTime},
			values{"id": id("letter 2"), "kind": "knock", "bytes": hexBytes("see the knock below"), "atMs": exampleTime},
			values{"id": id("letter 3"), "kind": "notice", "bytes": hexBytes{}, "atMs": 0}}}},
		{Call: "drop", Ask: values{"id": id("letter")}, Answer: values{}},
		{Call: "knock", Ask: values{"room": room, "bytes": hexBytes("it is zoë")}, Answer: values{}},
		{Call: "outside", Ask: values{"room": room, "link": link}, Answer: values{"groupInfo": hexBytes("a sealed GroupInfo"),
			"epoch": 4, "commits": 301}},
		{Call: "outside", Ask: values{"room": room, "link": nil}, Answer: values{"groupInfo": hexBytes("a sealed GroupInfo"),
			"epoch": 4, "commits": 301}},
		{Call: "add-link", Ask: values{"room": room, "link": link, "uses": uint64(1<<32 - 1), "expiresAtMs": exampleEnd},
			Answer: values{"invite": example("invite psk")}},
		{Call: "add-link", Ask: values{"room": room, "link": link, "uses": 1, "expiresAtMs": exampleEnd}, Answer: values{"invite": nil}},
		{Call: "revoke-link", Ask: values{"room": room, "link": link}, Answer: values{}},
		{Call: "links", Ask: values{"room": room}, Answer: values{"links": []any{
			values{"link": link, "uses": 5, "expiresAtMs": exampleEnd}}}},
		{Call: "signal", Ask: values{"room": room, "bytes": hexBytes("a sealed signal")}, Answer: values{}},
		{Call: "visible", Ask: values{"isVisible": false}, Answer: values{}},
	}
}

func exampleNews() []vectorNews {
	room, key := id("room"), hexBytes(keyPair(example("ada static")).Public)
	return []vectorNews{
		{News: "entries", Fields: values{"room": room, "next": 303}},
		{News: "letter", Fields: values{}},
		{News: "signal", Fields: values{"room": room, "from": key, "bytes": hexBytes("a sealed signal")}},
		{News: "presence", Fields: values{"key": key, "isOnline": true}},
		{News: "presence", Fields: values{"key": key, "isOnline": false}},
		{News: "room-closed", Fields: values{"room": room}},
		{News: "entry", Fields: values{"room": room, "entry": values{"seq": 303, "type": "message", "id": id("entry"),
			"epoch": 8, "poster": key, "atMs": exampleTime, "bytes": hexBytes("a sealed line")}}},
	}
}

func printHubVectors(d *hubDocument) error {
	made := hubVectors{Calls: exampleCalls(), News: exampleNews()}
	shown := map[string]bool{}
	for i := range made.Calls {
		one := &made.Calls[i]
		row, err := d.call(one.Call)
		if err != nil {
			return err
		}
		shown[one.Call] = true
		if one.Bytes, err = row.write(one.Ask); err != nil {
			return fmt.Errorf("%s: %w", one.Call, err)
		}
		if one.AnswerBytes, err = row.writeAnswer(one.Answer); err != nil {
			return fmt.Errorf("the answer to %s: %w", one.Call, err)
		}
		// As they are read again, in the order of the table.
		if one.Ask, err = readAll(row.ask, one.Bytes[1:]); err != nil {
			return err
		}
		if one.Answer, _, err = d.readAnswer(row, one.AnswerBytes); err != nil {
			return err
		}
	}
	for i, reason := range d.refusals {
		var wait any
		if i%2 == 1 {
			wait = 1000 * i
		}
		bytes, err := d.writeRefusal(values{"refusal": reason, "retryAfterMs": wait, "sentence": "Das lässt er nicht zu: " + reason + "."})
		if err != nil {
			return err
		}
		fields, err := readAll(d.refused, bytes[1:])
		if err != nil {
			return err
		}
		made.Refusals = append(made.Refusals, vectorFields{fields, bytes})
	}
	for i := range made.News {
		one := &made.News[i]
		for _, row := range d.news {
			if row.name != one.News {
				continue
			}
			var err error
			if one.Bytes, err = row.write(one.Fields); err != nil {
				return fmt.Errorf("%s: %w", one.News, err)
			}
			if one.News, one.Fields, err = d.readNews(one.Bytes); err != nil {
				return err
			}
			shown["news "+one.News] = true
		}
	}
	if len(shown) != len(d.calls)+len(d.news) {
		return fmt.Errorf("%d calls and news are shown, and there are %d", len(shown), len(d.calls)+len(d.news))
	}
	knock, err := d.knock.write(nil, values{"room": id("room"), "from": keyPair(example("bob static")).Public, "bytes": hexBytes("it is zoë")})
	if err != nil {
		return err
	}
	fields, err := readAll(d.knock, knock)
	if err != nil {
		return err
	}
	made.Knock = vectorFields{fields, knock}
	made.Malformed = exampleMalformed()
	made.Transfers = exampleTransfers(made)
	if made.Mixed, err = exampleMixed(made); err != nil {
		return err
	}
	made.Faults = exampleFaults()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(made)
}

// exampleMalformed are calls that cannot be read, by their codes and fields.
func exampleMalformed() []vectorMalformed {
	room := id("room")
	bit53 := []byte{0, 0x20, 0, 0, 0, 0, 0, 0}
	find := func(more ...byte) hexBytes { return append([]byte{1, 0}, more...) }
	return []vectorMalformed{
		{"an empty one", hexBytes{}},
		{"rooms, with a byte behind it", hexBytes{5, 0}},
		{"drop, cut short", join([]byte{13}, room[:15])},
		{"visible, with a flag of 2", hexBytes{20, 2}},
		{"find, with a handle that is not UTF-8", find(1, 0, 1, 0xff)},
		{"find, with a handle of 65 bytes", find(append([]byte{1, 0, 65}, text(65)...)...)},
		{"acknowledge of 2^53", join([]byte{11}, room, bit53)},
		{"post of a type that there is not", join([]byte{9}, room, []byte{2}, room, u64(0), u32(0))},
		{"signal of 1,025 bytes", join([]byte{19}, room, u32(1025), []byte(text(1025)))},
		{"publish of 65 packages, of which none is there", join([]byte{2}, u32(65))},
	}
}

func exampleMixed(made hubVectors) (vectorMixed, error) {
	var mixed vectorMixed
	kinds := []string{"call", "answer", "news"}
	long := append([]byte{0}, text(shortestPiece+99)...)
	piece := func(kind byte, number uint32, last byte, part []byte) hexBytes {
		return encode(typeCall, []byte{kind}, u32(number), []byte{last}, part)
	}
	mixed.Records = []hexBytes{
		piece(transferAnswer, 7, 0, long[:shortestPiece]),
		piece(transferNews, 7, 1, made.News[0].Bytes),
		piece(transferAnswer, 8, 0, long[:shortestPiece]),
		piece(transferAnswer, 8, 1, long[shortestPiece:]),
		piece(transferAnswer, 7, 1, nil),
	}
	reader := new(pieces)
	for _, record := range mixed.Records {
		whole, err := reader.take(record[3:])
		if err != nil {
			return mixed, err
		}
		if whole != nil {
			mixed.Transfers = append(mixed.Transfers, mixedResult{kinds[whole.kind], whole.number, whole.bytes})
		}
	}
	return mixed, nil
}

func exampleTransfers(made hubVectors) []vectorTransfer {
	kinds := []string{"call", "answer", "news"}
	show := func(note string, kind byte, number uint32, bytes []byte) vectorTransfer {
		one := vectorTransfer{note, kinds[kind], number, bytes, nil}
		for _, record := range (transfer{kind, number, bytes}).records() {
			one.Records = append(one.Records, record)
		}
		return one
	}
	return []vectorTransfer{
		show("a call", transferCall, 0, made.Calls[0].Bytes),
		show("its answer, with the same number", transferAnswer, 0, made.Calls[0].AnswerBytes),
		show("news, which are counted apart", transferNews, 0, made.News[0].Bytes),
		show("the last number: the next is 0 again", transferCall, 1<<32-1, made.Calls[len(made.Calls)-1].Bytes),
		show("as long as one piece may be", transferAnswer, 1, append([]byte{0}, text(longestPiece-1)...)),
		show("one byte more: two pieces", transferAnswer, 2, append([]byte{0}, text(longestPiece)...)),
	}
}

func exampleFaults() []vectorFault {
	piece := func(body ...byte) hexBytes { return encode(typeCall, body) }
	unfinished := func(number byte, length int) hexBytes {
		return encode(typeCall, []byte{0, 0, 0, 0, number, 0}, make([]byte, length))
	}
	return []vectorFault{
		{"a head that is cut short", []hexBytes{piece(0, 0, 0, 0, 1)}},
		{"a kind that there is not", []hexBytes{piece(3, 0, 0, 0, 1, 1, 5)}},
		{"neither the last piece nor another", []hexBytes{piece(0, 0, 0, 0, 1, 2, 5)}},
		{"a piece that is not the last, and too short", []hexBytes{unfinished(1, shortestPiece-1)}},
		{"a fifth transfer that is incomplete", []hexBytes{unfinished(1, shortestPiece), unfinished(2, shortestPiece),
			unfinished(3, shortestPiece), unfinished(4, shortestPiece), unfinished(5, shortestPiece)}},
	}
}
