package main

// What a session does with a frame that arrives (docs/PROTOCOL.md, sections 5 to 7): its records, one after the other.

import (
	"encoding/binary"
	"fmt"
)

// take opens one frame and acts upon its records. An error is the end: errClosed a good one, any other a fatal one.
func (s *session) take(sealed []byte) error {
	if err := s.fit(s.opening); err != nil {
		return err
	}
	plaintext, err := s.opening.state.Decrypt(nil, nil, sealed)
	if err != nil {
		return err
	}
	s.heard = s.now()
	if err := s.drawPing(); err != nil {
		return err
	}
	records, broken := decode(plaintext)
	if len(records) == 0 && broken == nil {
		if err := s.spend(); err != nil {
			return err
		}
	}
	for _, one := range records {
		if err := s.act(one); err != nil {
			return err
		}
	}
	if broken != nil {
		return broken
	}
	return s.flush()
}

// spend takes one from the control budget (section 5.2).
func (s *session) spend() error {
	now := s.now()
	s.budget += now.Sub(s.budgetAt).Seconds()
	if s.budget > 32 {
		s.budget = 32
	}
	s.budgetAt = now
	if s.budget < 1 {
		return fmt.Errorf("the control budget is used up")
	}
	s.budget--
	return nil
}

func (s *session) refill() { s.budget, s.budgetAt = 32, s.now() }

func (s *session) act(one record) error {
	if !s.resumed && one.kind != typeResume && one.kind != typeClose {
		return fmt.Errorf("record 0x%02x before RESUME", one.kind)
	}
	switch one.kind {
	case typeResume:
		if s.resumed {
			return fmt.Errorf("a second RESUME")
		}
		if err := s.takeResume(one.body); err != nil {
			return err
		}
		s.transmitCalls()
	case typeClose:
		s.over, s.closeReason = true, int(one.body[0])
		return errClosed
	case typePing:
		if err := s.spend(); err != nil {
			return err
		}
		s.queue(encode(typePong, one.body))
	case typePong:
		if err := s.spend(); err != nil {
			return err
		}
		if s.ping == nil || *s.ping != binary.BigEndian.Uint64(one.body) {
			return fmt.Errorf("a PONG that answers nothing")
		}
		s.ping = nil
		s.emit(event{"event": "pong", "ms": s.now().Sub(s.pingSent).Milliseconds()})
	case typeData:
		return s.takeData(one.body)
	case typeCall:
		return s.takePiece(one.body)
	case typeAck:
		return s.takeAck(binary.BigEndian.Uint64(one.body))
	case typeRekeyInit, typeRekeyReply, typeRekeyDone:
		return s.takeRekey(one)
	default:
		if one.kind < 0x80 {
			return fmt.Errorf("record 0x%02x is not allowed here", one.kind)
		}
		return s.spend()
	}
	return nil
}

func (s *session) takeResume(body []byte) error {
	theirs, err := readResume(body)
	if err != nil {
		return err
	}
	s.resumed, s.theirStore = true, theirs.store
	if jumps(s.said, theirs) {
		return fmt.Errorf("RESUME counts more than 2^32 messages that were never said")
	}
	agreed := agree(s.said, theirs, s.store.waiting())
	for _, one := range agreed.notices {
		s.emit(event{"event": "memory", "whose": one.Whose, "what": one.What, "missing": one.Missing})
	}
	if !agreed.misfit {
		s.follow(agreed)
		return nil
	}
	s.misfit = &agreed
	switch s.plays {
	case "unsure":
	case "rash":
		return s.sayAs(agreed.start, "too rash")
	default:
		s.queue(encode(typeAck, u64(s.said.next)))
	}
	return nil
}

func (s *session) follow(agreed agreement) {
	s.misfit = nil
	s.store.follow(agreed, s.theirStore, s.delivered)
	s.toSend = s.store.first
	s.transmit()
}

func (s *session) takeData(body []byte) error {
	seq := binary.BigEndian.Uint64(body)
	if s.misfit != nil {
		return fmt.Errorf("DATA before the ACK that the two do not fit")
	}
	if seq > s.store.next {
		return fmt.Errorf("DATA %d where %d was due", seq, s.store.next)
	}
	s.refill()
	s.ackDue = true
	if seq < s.store.next {
		s.emit(event{"event": "repeated", "seq": seq})
		return nil
	}
	if !s.store.take(stamp(*(*[12]byte)(body[8:]))) {
		s.emit(event{"event": "passed", "seq": seq})
		return nil
	}
	if which := readRoute(body); which != chatRoute { // acknowledged and ignored, or it would come again
		s.emit(event{"event": "ignored", "seq": seq, "kind": which.kind, "stream": which.stream})
		return nil
	}
	chat, err := readChat(body[23:])
	if err != nil { // no reason to end the session, and it would only come again
		s.emit(event{"event": "unreadable", "seq": seq})
		return nil
	}
	message := event{"event": "message", "seq": seq, "kind": chat.kind, "at": chat.at, "text": chat.text}
	if chat.ttl > 0 {
		message["ttl"] = chat.ttl
	}
	if chat.kind == "timer" {
		message["seconds"] = chat.seconds
	}
	s.emit(message)
	return nil
}

func (s *session) takeAck(next uint64) error {
	if s.misfit != nil { // its number says nothing
		s.emit(event{"event": "confirmed"})
		if s.plays == "" {
			s.follow(*s.misfit)
		}
		return nil
	}
	if next < s.store.first || next > s.toSend {
		return fmt.Errorf("ACK %d outside %d to %d", next, s.store.first, s.toSend)
	}
	s.emit(event{"event": "ack", "next": next})
	if next == s.store.first {
		return s.spend()
	}
	s.store.acknowledge(next, s.delivered)
	return nil
}

func (s *session) delivered(seq uint64) { s.emit(event{"event": "delivered", "seq": seq}) }
