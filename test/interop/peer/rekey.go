package main

// The rekey (docs/PROTOCOL.md, section 8): KKpsk2 inside the session, driven by the server.

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

func (s *session) drawRekey() error {
	delay, err := s.uniform(s.min, s.max)
	s.rekeyDue = s.now().Add(delay)
	return err
}

func (s *session) rekeyPrologue() []byte {
	return append(append([]byte("lair/1 rekey"), u32(s.epoch+1)...), s.current.h...)
}

func (s *session) newRekey() (*handshake, error) {
	psk := derive(s.current.k3, s.psk, "lair/1 rekey psk", 32)
	return newRekeyHandshake(s.driver, s.static, s.peer, s.rekeyPrologue(), psk, s.random)
}

func (s *session) startRekey() error {
	handshake, err := s.newRekey()
	if err != nil {
		return err
	}
	message, err := handshake.write(nil)
	if err != nil {
		return err
	}
	s.rekeying, s.inRekey = handshake, true
	s.replyBy = s.now().Add(10 * time.Second)
	s.queue(encode(typeRekeyInit, u32(s.epoch+1), message))
	return nil
}

func (s *session) takeRekey(one record) error {
	if got := binary.BigEndian.Uint32(one.body); got != s.epoch+1 {
		return fmt.Errorf("a rekey to epoch %d in epoch %d", got, s.epoch)
	}
	switch {
	case one.kind == typeRekeyInit && !s.driver && !s.inRekey:
		return s.takeInit(one.body[4:])
	case one.kind == typeRekeyReply && s.driver && s.rekeying != nil:
		return s.takeReply(one.body[4:])
	case one.kind == typeRekeyDone && !s.driver && s.next != nil:
		// Both keys were derived when REKEY_REPLY was written.
		s.opening = key{s.next.receive, s.epoch + 1, s.sealing.born}
		s.finishRekey()
		return nil
	}
	return fmt.Errorf("record 0x%02x at this moment of a rekey", one.kind)
}

func (s *session) takeInit(message []byte) error {
	few := s.sealing.state.Nonce() < 1<<19 && s.opening.state.Nonce() < 1<<19
	if few && s.now().Sub(s.stormFrom) < s.min/2 {
		return fmt.Errorf("a storm of rekeys")
	}
	handshake, err := s.newRekey()
	if err != nil {
		return err
	}
	if _, err := handshake.read(message); err != nil {
		return err
	}
	reply, err := handshake.write(nil)
	if err != nil {
		return err
	}
	if s.next, err = handshake.split(); err != nil {
		return err
	}
	if bytes.Equal(s.next.theirs, s.current.theirs) {
		return fmt.Errorf("an ephemeral key that was used before")
	}
	s.inRekey = true
	s.queueAck() // in front of REKEY_REPLY; behind it would be fatal
	s.queue(encode(typeRekeyReply, u32(s.epoch+1), reply))
	if err := s.flush(); err != nil {
		return err
	}
	now := s.now()
	s.sealing = key{s.next.send, s.epoch + 1, now}
	s.stormFrom = now
	return nil
}

func (s *session) takeReply(message []byte) error {
	if _, err := s.rekeying.read(message); err != nil {
		return err
	}
	next, err := s.rekeying.split()
	if err != nil {
		return err
	}
	if bytes.Equal(next.theirs, s.current.theirs) {
		return fmt.Errorf("an ephemeral key that was used before")
	}
	s.queueAck()
	s.queue(encode(typeRekeyDone, u32(s.epoch+1)))
	if err := s.flush(); err != nil {
		return err
	}
	now := s.now()
	s.next = next
	s.sealing = key{next.send, s.epoch + 1, now}
	s.opening = key{next.receive, s.epoch + 1, now}
	s.finishRekey()
	return s.drawRekey()
}

func (s *session) finishRekey() {
	s.epoch++
	s.current, s.next, s.rekeying, s.inRekey = s.next, nil, nil, false
	s.emit(event{"event": "rekeyed", "epoch": s.epoch})
}
