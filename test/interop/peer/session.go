package main

// A session after its first handshake (docs/PROTOCOL.md, sections 4 to 8, 10 and 11), without a socket or a clock of
// its own: frames and the time go in, frames and events come out. Both sides of it. What arrives is in receiving.go, the
// rekey in rekey.go, what outlives the session in resume.go.

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	cryptorand "crypto/rand"

	"github.com/flynn/noise"
)

// Events go to the test as they are, one JSON object a line.
type event map[string]any

// A key of one direction.
type key struct {
	state *noise.CipherState
	epoch uint32
	born  time.Time
}

type session struct {
	driver      bool
	static      noise.DHKey
	peer        []byte // the peer's static public key
	psk         []byte // of the session: never replaced
	min, max    time.Duration
	random      io.Reader
	now         func() time.Time
	emit        func(event)
	wrote       func(frame) // for the test vectors: every frame that this side seals
	frames      [][]byte    // sealed, to be sent
	pending     [][]byte    // records that wait for a frame
	ackDue      bool
	current     *secrets
	epoch       uint32
	next        *secrets   // the epoch to come, when it has been computed but not taken by both directions
	rekeying    *handshake // the driver's, while it waits for REKEY_REPLY
	inRekey     bool
	sealing     key
	opening     key
	store       *store
	said        resume     // ours
	resumed     bool       // theirs has come
	misfit      *agreement // what is to be followed once the other has confirmed that the two do not fit
	theirStore  storeID
	toSend      uint64 // the number of the next DATA of this session
	mute        bool   // see play.go
	plays       string // the same
	calls       *calling
	ping        *uint64
	pingSent    time.Time
	pingDue     time.Time
	heard       time.Time
	rekeyDue    time.Time
	replyBy     time.Time
	stormFrom   time.Time
	budget      float64
	budgetAt    time.Time
	over        bool
	closeReason int // of the CLOSE that was received
}

type frame struct {
	epoch     uint32
	nonce     uint64
	records   [][]byte
	plaintext []byte
	sealed    []byte
}

var errClosed = errors.New("CLOSE was received")

// open starts the session: timers, RESUME, and the first PING.
func (s *session) open(first *secrets) error {
	now := s.now()
	s.current = first
	s.sealing = key{state: first.send, born: now}
	s.opening = key{state: first.receive, born: now}
	s.heard, s.stormFrom, s.budget, s.budgetAt = now, now, 32, now
	if s.driver {
		if err := s.drawRekey(); err != nil {
			return err
		}
	}
	s.said = s.store.resume()
	s.queue(s.said.encode())
	return s.sendPing()
}

// uniform draws from the closed interval, to the millisecond. crypto/rand.Int has no modulo bias.
func (s *session) uniform(min, max time.Duration) (time.Duration, error) {
	width := big.NewInt((max - min).Milliseconds() + 1)
	drawn, err := cryptorand.Int(s.random, width)
	if err != nil {
		return 0, err
	}
	return min + time.Duration(drawn.Int64())*time.Millisecond, nil
}

func (s *session) sendPing() error {
	var token [8]byte
	if _, err := io.ReadFull(s.random, token[:]); err != nil {
		return err
	}
	value := binary.BigEndian.Uint64(token[:])
	s.ping, s.pingSent = &value, s.now()
	s.queue(encode(typePing, token[:]))
	return s.drawPing()
}

func (s *session) drawPing() error {
	delay, err := s.uniform(15*time.Second, 25*time.Second)
	s.pingDue = s.heard.Add(delay)
	return err
}

func (s *session) say(text string) error {
	chat, err := chatText(s.now().UnixMilli(), text)
	if err != nil {
		return err
	}
	s.store.add(chatRoute, chat)
	s.transmit()
	return s.flush()
}

// transmit sends what the store has and this session has not carried yet, once both sides know where to go on.
func (s *session) transmit() {
	end := s.store.first + uint64(len(s.store.outbox))
	for ; s.resumed && s.misfit == nil && s.toSend < end; s.toSend++ {
		one := s.store.outbox[s.toSend-s.store.first]
		s.queue(encode(typeData, u64(s.toSend), one.stamp[:], one.route.encode(), one.body))
		s.store.sent = larger(s.store.sent, s.toSend+1)
		s.emit(event{"event": "sent", "seq": s.toSend})
	}
}

func (s *session) close(reason byte) error {
	s.queue(encode(typeClose, []byte{reason}))
	err := s.flush()
	s.over = true
	return err
}

func (s *session) queueAck() {
	if s.ackDue && !s.mute {
		s.queue(encode(typeAck, u64(s.store.next)))
	}
	s.ackDue = false
}

func (s *session) queue(record []byte) { s.pending = append(s.pending, record) }

// flush seals what waits, in as few frames as hold it.
func (s *session) flush() error {
	s.queueAck()
	for len(s.pending) > 0 {
		var records [][]byte
		var joined []byte
		for len(s.pending) > 0 && len(joined)+len(s.pending[0]) <= maxPlaintext {
			records = append(records, s.pending[0])
			joined = append(joined, s.pending[0]...)
			s.pending = s.pending[1:]
		}
		if err := s.seal(records, pad(joined)); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) seal(records [][]byte, plaintext []byte) error {
	if err := s.fit(s.sealing); err != nil {
		return err
	}
	nonce := s.sealing.state.Nonce()
	sealed, err := s.sealing.state.Encrypt(nil, nil, plaintext)
	if err != nil {
		return err
	}
	s.frames = append(s.frames, sealed)
	if s.wrote != nil {
		s.wrote(frame{s.sealing.epoch, nonce, records, plaintext, sealed})
	}
	return nil
}

// fit judges the age and the wear of a key before it is used once more (section 8.4).
func (s *session) fit(k key) error {
	now := s.now()
	age, wall := now.Sub(k.born), now.Round(0).Sub(k.born.Round(0))
	if wall > age {
		age = wall
	}
	if age > s.max+time.Minute {
		return fmt.Errorf("a key is too old")
	}
	if k.state.Nonce() >= 1<<22 {
		return fmt.Errorf("a key is worn out")
	}
	return nil
}

// tick does what is due by now.
func (s *session) tick() error {
	now := s.now()
	if !now.Before(s.heard.Add(45 * time.Second)) {
		return fmt.Errorf("nothing was heard for 45 s")
	}
	if s.rekeying != nil && !now.Before(s.replyBy) {
		return fmt.Errorf("no REKEY_REPLY")
	}
	if s.ping == nil && !now.Before(s.pingDue) {
		if err := s.sendPing(); err != nil {
			return err
		}
	}
	worn := s.sealing.state.Nonce() >= 1<<20 || s.opening.state.Nonce() >= 1<<20
	if s.driver && !s.inRekey && (worn || !now.Before(s.rekeyDue)) {
		if err := s.startRekey(); err != nil {
			return err
		}
	}
	return s.flush()
}

// deadline is when tick has something to do next.
func (s *session) deadline() time.Time {
	due := s.heard.Add(45 * time.Second)
	for _, other := range []struct {
		at    time.Time
		valid bool
	}{{s.pingDue, s.ping == nil}, {s.rekeyDue, s.driver && !s.inRekey}, {s.replyBy, s.rekeying != nil}} {
		if other.valid && other.at.Before(due) {
			due = other.at
		}
	}
	return due
}
