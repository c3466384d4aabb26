package main

// What befalls this peer, or what it does though no honest one would, when the test says so: {"play":"..."}.
//
//	deaf      it takes nothing in any more, until the connection ends
//	mute      it acknowledges nothing any more, until the connection ends
//	repeat    it sends DATA 0 once more
//	skip      it leaves a number out
//	early     the first record of its next session is DATA
//	forget    its store is gone, and it begins a new one; to be said while there is no session

import (
	"crypto/rand"
	"fmt"
)

func (p *peer) play(what string, s *session) error {
	emit(event{"event": "playing", "what": what})
	if what == "early" {
		p.early = true
		return nil
	}
	if what == "forget" {
		fresh, err := newStore(rand.Reader)
		p.store = fresh
		return err
	}
	if s == nil {
		return fmt.Errorf("%q is for a session", what)
	}
	switch what {
	case "deaf":
		p.deaf = true
	case "mute":
		s.mute = true
	case "repeat":
		return s.sayAs(0, "said again")
	case "skip":
		return s.sayAs(s.toSend+1, "one too far")
	default:
		return fmt.Errorf("cannot play %q", what)
	}
	return nil
}

// sayAs sends a text under any number, past the store.
func (s *session) sayAs(number uint64, text string) error {
	chat, err := chatText(s.now().UnixMilli(), text)
	if err != nil {
		return err
	}
	s.queue(encode(typeData, u64(number), chat))
	return s.flush()
}
