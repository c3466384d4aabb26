package main

// What befalls this peer, or what it does though no honest one would, when the test says so: {"play":"..."}.
//
//	deaf      it takes nothing in any more, until the connection ends
//	mute      it acknowledges nothing any more, until the connection ends
//	repeat    it sends DATA 0 once more
//	skip      it leaves a number out
//	strange   it sends a message of a kind that nobody knows, and one of chat on a stream that is not the chat's
//	early     the first record of its next session is DATA
//	unsure    in its next session it does not say that the stores do not fit, and takes no notice when the other does
//	rash      the same, and it sends DATA
//
// And while there is no session:
//
//	forget    its store is gone, and it begins a new one
//	copy      it makes a copy of its store
//	restore   its store is that copy

import (
	"crypto/rand"
	"fmt"
)

func (p *peer) play(what string, s *session) error {
	emit(event{"event": "playing", "what": what})
	switch what {
	case "early", "rash", "unsure":
		p.coming = what
		return nil
	}
	if s == nil {
		return p.playApart(what)
	}
	switch what {
	case "deaf":
		p.deaf = true
	case "mute":
		s.mute = true
	case "repeat":
		return s.sayAs(0, "said again")
	case "strange":
		s.store.add(route{200, 7}, []byte("of a kind that nobody knows"))
		s.store.add(route{1, 7}, []byte("on a stream that is not the chat's"))
		s.transmit()
		return s.flush()
	case "skip":
		return s.sayAs(s.toSend+1, "one too far")
	default:
		return fmt.Errorf("cannot play %q", what)
	}
	return nil
}

func (p *peer) playApart(what string) error {
	switch what {
	case "forget":
		fresh, err := newStore(rand.Reader)
		p.store = fresh
		return err
	case "copy":
		p.copied = p.store.copy()
	case "restore":
		p.store = p.copied.copy()
		return p.store.live(rand.Reader)
	default:
		return fmt.Errorf("cannot play %q without a session", what)
	}
	return nil
}

// sayAs sends a text under any number, past the store.
func (s *session) sayAs(number uint64, text string) error {
	chat, err := chatText(s.now().UnixMilli(), text)
	if err != nil {
		return err
	}
	one := s.store.stamp()
	s.queue(encode(typeData, u64(number), one[:], chatRoute.encode(), chat))
	return s.flush()
}
