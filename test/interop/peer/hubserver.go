package main

// This peer as a hub (docs/HUB.md), with --serve and --hub: it does what the document says each call does, in memory. Of its
// limits it has only those that the tables' forms have, and it deletes nothing. What is asked and answered are values as in
// test/vectors/hub.json.

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/flynn/noise"
	"github.com/gorilla/websocket"
)

type account struct {
	key, sig     string
	handle, role string
	psk          []byte
}

type hubSeat struct {
	role         string
	from, cursor uint64
}

type hubLink struct {
	uses, expiresAtMs uint64
	psk               []byte
}

type hubRoom struct {
	epoch, least, commits uint64 // least: of the epochs whose messages are taken
	log                   []values
	seats                 map[string]*hubSeat
	listed, groupInfo     any
	links                 map[string]*hubLink
}

// Somebody who is connected.
type hubGuest struct {
	account *account
	news    chan []byte
	visible bool
	called  bool
}

type hub struct {
	sync.Mutex
	document *hubDocument
	invite   []byte
	accounts map[string]*account
	online   map[string]*hubGuest
	rooms    map[string]*hubRoom
	packages map[string][]values
	letters  map[string][]any
}

// refusal is the reason why a call is not done.
type refusal string

func (r refusal) Error() string { return string(r) }

func newHub(document *hubDocument) (*hub, error) {
	h := &hub{document: document, invite: make([]byte, 32), accounts: map[string]*account{}, online: map[string]*hubGuest{},
		rooms: map[string]*hubRoom{}, packages: map[string][]values{}, letters: map[string][]any{}}
	_, err := rand.Read(h.invite)
	return h, err
}

// serveHub takes everybody who comes by the invite, by that of a link, or by a pair.
func serveHub(window string, static noise.DHKey, document *hubDocument) error {
	h, err := newHub(document)
	if err != nil {
		return err
	}
	from, to, _ := strings.Cut(window, "-")
	min, err := time.ParseDuration(from + "s")
	max, worse := time.ParseDuration(to + "s")
	if err != nil || worse != nil {
		return errors.New("--serve MIN-MAX, in seconds")
	}
	url, arrived, err := listen()
	if err != nil {
		return err
	}
	emit(event{"event": "listening", "url": url, "invite": invite{url, h.invite, static.Public}.String()})
	for socket := range arrived {
		go h.receive(socket, static, fmt.Sprintf("[%s,%s]", from, to), &session{driver: true, static: static, min: min, max: max})
	}
	return nil
}

// receive is one connection, to its end.
func (h *hub) receive(socket *websocket.Conn, static noise.DHKey, window string, s *session) {
	store, err := newStore(rand.Reader)
	if err != nil {
		panic(err)
	}
	guest := &hubGuest{news: make(chan []byte, 1<<12)}
	p := &peer{static: static, store: store, news: guest.news}
	first, theirs, err := p.shakeHands(socket, h.psks(), window, s, "hub/1")
	if err != nil {
		drop(socket)
		emit(event{"event": "turned-away", "message": err.Error()})
		return
	}
	if !contains(theirs.caps, "rooms/1") {
		drop(socket)
		return
	}
	h.arrive(guest, s, first, theirs)
	s.calls = &calling{document: h.document, serve: func(asked []byte) ([]byte, error) { return h.answer(guest, asked) }}
	err = p.start(socket, first, theirs, s)
	h.leave(guest)
	if err != nil {
		emit(event{"event": "ended", "message": err.Error()})
	}
}

// psks are those by which somebody may come.
func (h *hub) psks() [][]byte {
	h.Lock()
	defer h.Unlock()
	psks := [][]byte{h.invite}
	for _, one := range h.accounts {
		psks = append(psks, one.psk)
	}
	for _, room := range h.rooms {
		for _, link := range room.links {
			psks = append(psks, link.psk)
		}
	}
	return psks
}

func (h *hub) arrive(guest *hubGuest, s *session, first *secrets, theirs hello) {
	h.Lock()
	defer h.Unlock()
	key := hex.EncodeToString(s.peer)
	known := h.accounts[key]
	if known == nil {
		known = &account{key: key, sig: hex.EncodeToString(theirs.sig), role: "member", handle: theirs.name}
		if len(h.accounts) == 0 {
			known.role = "operator"
		}
		for number := 2; h.isTaken(known.handle); number++ {
			known.handle = fmt.Sprintf("%s-%d", theirs.name, number)
		}
		h.accounts[key] = known
		known.psk = derive(first.h, first.k3, "lair/1 pair psk", 32)
	}
	guest.account = known
	h.online[key] = guest
}

func (h *hub) isTaken(handle string) bool {
	for _, one := range h.accounts {
		if one.handle == handle {
			return true
		}
	}
	return false
}

func (h *hub) leave(guest *hubGuest) {
	h.Lock()
	defer h.Unlock()
	if h.online[guest.account.key] == guest {
		h.show(guest, false)
		delete(h.online, guest.account.key)
	}
}

// tell sends news to somebody, if there.
func (h *hub) tell(key, name string, fields values) {
	guest := h.online[key]
	if guest == nil {
		return
	}
	for _, one := range h.document.news {
		if one.name == name {
			made, err := one.write(fields)
			if err != nil {
				panic(err)
			}
			guest.news <- made
		}
	}
}

// show tells those who share a room with somebody that it is there, or is not any more.
func (h *hub) show(guest *hubGuest, visible bool) {
	if guest.visible == visible {
		return
	}
	guest.visible = visible
	key := guest.account.key
	told := map[string]bool{key: true}
	for _, room := range h.rooms {
		if room.seats[key] == nil {
			continue
		}
		for other := range room.seats {
			if !told[other] {
				told[other] = true
				h.tell(other, "presence", values{"key": key, "isOnline": visible})
			}
		}
	}
}

// answer is fatal for the session if it is an error.
func (h *hub) answer(guest *hubGuest, asked []byte) ([]byte, error) {
	h.Lock()
	defer h.Unlock()
	if len(asked) == 0 {
		return nil, errors.New("an empty call")
	}
	for _, one := range h.document.calls {
		if one.code != asked[0] {
			continue
		}
		fields, err := readAll(one.ask, asked[1:])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.name, err)
		}
		if !guest.called && one.name != "visible" {
			h.show(guest, true)
		}
		guest.called = true
		answer, err := h.do(guest, one.name, fields.(fieldsOf))
		var reason refusal
		if errors.As(err, &reason) {
			emit(event{"event": "refused", "call": one.name, "reason": string(reason), "who": guest.account.handle})
			return h.refuse(reason)
		}
		return one.writeAnswer(answer)
	}
	return h.refuse("unknown-call")
}

func (h *hub) refuse(reason refusal) ([]byte, error) {
	return h.document.writeRefusal(values{"refusal": string(reason), "retryAfterMs": nil, "sentence": "No: " + string(reason) + "."})
}

func text16(value any) string {
	if bytes, ok := value.(hexBytes); ok {
		return hex.EncodeToString(bytes)
	}
	return ""
}

func (h *hub) do(guest *hubGuest, name string, ask fieldsOf) (values, error) {
	self := guest.account.key
	if name == "create" {
		return h.create(self, ask)
	}
	if ask.get("room") != nil {
		room := h.rooms[text16(ask.get("room"))]
		if room == nil {
			return nil, refusal("no-room")
		}
		return h.doInRoom(self, room, name, ask)
	}
	switch name {
	case "find":
		for key, one := range h.accounts {
			key, handle := hexBytes(unhex(key)), one.handle
			byKey, byHandle := ask.get("key"), ask.get("handle")
			if (byKey == nil || text16(byKey) == one.key) && (byHandle == nil || byHandle == handle) && (byKey != nil || byHandle != nil) {
				return values{"account": values{"key": key, "signatureKey": one.sig, "handle": handle, "role": one.role}}, nil
			}
		}
		return values{"account": nil}, nil
	case "publish":
		for _, one := range ask.get("packages").([]any) {
			fields := one.(fieldsOf)
			h.packages[self] = append(h.packages[self], values{"bytes": fields.get("bytes"), "last": fields.get("isLastResort")})
		}
		count := 0
		for _, one := range h.packages[self] {
			if one["last"] == false {
				count++
			}
		}
		emit(event{"event": "published", "who": guest.account.handle, "count": count})
		return values{"count": count}, nil
	case "take":
		key := text16(ask.get("key"))
		if h.accounts[key] == nil {
			return nil, refusal("unknown-person")
		}
		for i, one := range h.packages[key] {
			if one["last"] == false {
				h.packages[key] = append(append([]values{}, h.packages[key][:i]...), h.packages[key][i+1:]...)
				return values{"package": one["bytes"]}, nil
			}
		}
		for _, one := range h.packages[key] {
			return values{"package": one["bytes"]}, nil
		}
		return values{"package": nil}, nil
	case "rooms":
		return values{"rooms": h.roomsOf(self)}, nil
	case "listed":
		return values{"rooms": h.listed(ask.get("after"))}, nil
	case "letters":
		return values{"letters": append([]any{}, h.letters[self]...)}, nil
	case "drop":
		kept := []any{}
		for _, one := range h.letters[self] {
			if text16(one.(values)["id"]) != text16(ask.get("id")) {
				kept = append(kept, one)
			}
		}
		h.letters[self] = kept
		return values{}, nil
	case "visible":
		h.show(guest, ask.get("isVisible") == true)
		return values{}, nil
	}
	return nil, refusal("unknown-call")
}

func unhex(text string) []byte {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		panic(err) // of our own keys
	}
	return bytes
}

func (h *hub) send(to, kind string, bytes any) {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		panic(err)
	}
	h.letters[to] = append(h.letters[to], values{"id": hexBytes(id), "kind": kind, "bytes": bytes, "atMs": nowMs()})
	h.tell(to, "letter", values{})
}

func nowMs() uint64 { return uint64(time.Now().UnixMilli()) }
