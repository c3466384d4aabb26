package main

// Makes test/vectors/session.json as docs/PROTOCOL.md, sections 15 and 16, describe it: one session between two of
// these peers, with the keys of the worked example and a clock that the script moves. In this folder:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run . \
//	    --vectors ../../../node_modules/@scure/bip39/wordlists/english.js > ../../vectors/session.json
//
// The output is byte-identical each time; interop.test.ts compares it.

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/flynn/noise"
)

func example(name string) []byte { return hash([]byte("lair/1 example " + name)) }

// A script in the place of the random source: it knows what is drawn by the number of bytes. Delays get zeros, and so
// the shortest delay.
type script struct {
	ephemerals [][]byte
	token      []byte
}

func (s *script) Read(into []byte) (int, error) {
	switch {
	case len(into) == 8:
		return copy(into, s.token), nil
	case len(into) != 32:
		return copy(into, make([]byte, len(into))), nil
	case len(s.ephemerals) == 0:
		return 0, errors.New("the script has no more ephemeral keys")
	}
	next := s.ephemerals[0]
	s.ephemerals = s.ephemerals[1:]
	return copy(into, next), nil
}

// Two peers and the line between them.
type play struct {
	client, server *session
	now            time.Time
	note           string
	result         vectors
	epochs         map[uint32]*secrets
	err            error
}

func printVectors(wordFile string) error {
	words, err := readWords(wordFile)
	if err != nil {
		return err
	}
	// The times that the two say things at are those of the worked example.
	p := &play{now: time.UnixMilli(1795132980000 - 14000), epochs: map[uint32]*secrets{}}
	p.handshake()
	p.talk()
	p.rekey()
	p.result.Resumes = resumes(p.client.said.store, p.server.said.store)
	client, server := bothOf(p.client.static), bothOf(p.server.static)
	p.result.Pairing.SafetyBytes = safetyBytes(client, server)
	p.result.Pairing.SafetyWords = safetyWords(server, client, words)
	if p.err != nil {
		return p.err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(p.result)
}

func (p *play) check(err error) {
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("%s: %w", p.note, err)
	}
}

// handshake plays the three messages, each written by one side and read by the other.
func (p *play) handshake() {
	psk, clientStatic, serverStatic := example("psk"), keyPair(example("client static")), keyPair(example("server static"))
	p.note = "handshake"
	clientRandom := &script{[][]byte{example("client ephemeral"), example("other rekey ephemeral")}, example("client ping")[:8]}
	serverRandom := &script{[][]byte{example("server ephemeral"), example("driver rekey ephemeral")}, example("server ping")[:8]}
	client, err := newFirstHandshake(true, clientStatic, psk, clientRandom)
	p.check(err)
	server, err := newFirstHandshake(false, serverStatic, psk, serverRandom)
	p.check(err)
	hellos := []string{string(helloText("bob", "lair/0.1.0", signatureKey(clientStatic.Private), "")),
		string(helloText("ada", "lair/0.1.0", signatureKey(serverStatic.Private), "[30,120]"))}
	hour := hourOf(p.now)
	payload := firstPayload(psk, client.ephemeral.Public, hour)
	for _, step := range []struct {
		from     string
		by, to   *handshake
		contents []byte
	}{
		{"client", client, server, payload},
		{"server", server, client, pad(encode(typeHello, []byte(hellos[1])))},
		{"client", client, server, pad(encode(typeHello, []byte(hellos[0])))},
	} {
		message, err := step.by.write(step.contents)
		p.check(err)
		payload, err := step.to.read(message)
		p.check(err)
		p.result.Handshake = append(p.result.Handshake, vectorMessage{step.from, payload, message})
	}
	clientSecrets, err := client.split()
	p.check(err)
	serverSecrets, err := server.split()
	p.check(err)
	if p.err != nil {
		return
	}
	r := &p.result
	r.Protocol, r.Suite, r.Psk, r.ProofKey = "lair/1", client.name, psk, proofKeyOf(psk)
	r.Hour, r.Hint, r.Proof = hour, payload[:hintLength], payload[hintLength:]
	r.Client = side("client", clientStatic, client.ephemeral, clientRandom.token, hellos[0])
	r.Server = side("server", serverStatic, server.ephemeral, serverRandom.token, hellos[1])
	r.Pairing.Invite = invite{"ws://127.0.0.1:8080/", psk, serverStatic.Public}.String()
	r.Pairing.PairPsk = derive(clientSecrets.h, clientSecrets.k3, "lair/1 pair psk", 32)
	r.Pairing.ClientFingerprint, r.Pairing.ServerFingerprint = fingerprint(bothOf(clientStatic)), fingerprint(bothOf(serverStatic))
	p.client = p.session("client", clientStatic, serverStatic.Public, clientRandom)
	p.server = p.session("server", serverStatic, clientStatic.Public, serverRandom)
	p.server.driver = true
	p.epoch(0, clientSecrets)
	p.note = "RESUME of a first session and PING, behind message 3"
	p.check(p.client.open(clientSecrets))
	p.check(p.client.flush())
	p.note = "RESUME of a first session and PING, the first frame of the server"
	p.check(p.server.open(serverSecrets))
	p.check(p.server.flush())
}

func bothOf(static noise.DHKey) []byte { return both(static.Public, signatureKey(static.Private)) }

func side(name string, static, ephemeral noise.DHKey, token []byte, hello string) vectorSide {
	life := exampleLife(name)
	seed := derive(nil, static.Private, "lair/1 signature key", 32)
	return vectorSide{static.Private, static.Public, seed, signatureKey(static.Private), ephemeral.Private, ephemeral.Public, token, example(name + " store")[:16],
		life[:], hello}
}

func (p *play) session(name string, static noise.DHKey, peer []byte, random io.Reader) *session {
	kept := &store{id: storeID(*(*[16]byte)(example(name + " store"))), life: exampleLife(name)}
	return &session{static: static, peer: peer, psk: p.result.Psk, min: 30 * time.Second, max: 2 * time.Minute, store: kept,
		random: random, now: func() time.Time { return p.now }, emit: func(event) {}, closeReason: -1,
		wrote: func(f frame) {
			records := make([]hexBytes, len(f.records))
			for i, one := range f.records {
				records[i] = one
				p.keep(one)
			}
			p.result.Frames = append(p.result.Frames,
				vectorFrame{name, p.note, f.epoch, f.nonce, records, f.plaintext, f.sealed})
		}}
}

func (p *play) keep(one []byte) {
	switch one[0] {
	case typeRekeyInit:
		p.result.Rekey.Init, p.result.Rekey.Message1 = one, one[7:]
	case typeRekeyReply:
		p.result.Rekey.Reply, p.result.Rekey.Message2 = one, one[7:]
		p.result.Rekey.Epoch = binary.BigEndian.Uint32(one[3:])
	case typeRekeyDone:
		p.result.Rekey.Done = one
	}
}

func (p *play) epoch(number uint32, s *secrets) {
	p.result.Epochs = append(p.result.Epochs, vectorEpoch{number, s.h, s.k1, s.k2, s.k3})
}

// deliver moves the next frame that `from` has sent to the other side, whose answer gets the note.
func (p *play) deliver(from *session, note string) {
	if p.err != nil {
		return
	}
	p.note = note
	if len(from.frames) == 0 {
		p.check(errors.New("there is no frame to deliver"))
		return
	}
	to := p.client
	if from == p.client {
		to = p.server
	}
	sealed := from.frames[0]
	from.frames = from.frames[1:]
	if err := to.take(sealed); !errors.Is(err, errClosed) {
		p.check(err)
	}
}

func (p *play) say(by *session, note, text string) {
	if p.err == nil {
		p.note = note
		p.check(by.say(text))
	}
}

func (p *play) talk() {
	p.deliver(p.client, "PONG")
	p.deliver(p.server, "PONG")
	p.deliver(p.client, "nothing")
	p.deliver(p.server, "nothing")
	p.now = p.now.Add(14 * time.Second)
	p.say(p.client, "DATA 0 of the client: the line of chat of the worked example", "can you see this?")
	p.deliver(p.client, "ACK of everything below 1")
	p.deliver(p.server, "nothing")
	p.now = p.now.Add(14 * time.Second)
	p.say(p.server, "DATA 0 of the server, over 256 bytes and so padded to 288", "yes: "+text(210))
	p.deliver(p.server, "ACK of everything below 1")
	p.deliver(p.client, "nothing")
}

func (p *play) rekey() {
	if p.err != nil {
		return
	}
	p.now = p.now.Add(2 * time.Second) // 30 s after message 3
	p.result.Rekey.Prologue = p.server.rekeyPrologue()
	p.result.Rekey.Psk = derive(p.server.current.k3, p.server.psk, "lair/1 rekey psk", 32)
	p.result.Rekey.DriverEphemeralPrivate = example("driver rekey ephemeral")
	p.result.Rekey.OtherEphemeralPrivate = example("other rekey ephemeral")
	p.note = "REKEY_INIT"
	p.check(p.server.tick())
	p.say(p.server, "DATA 1 of the server, between REKEY_INIT and REKEY_DONE: still under its old key", "still here")
	p.deliver(p.server, "REKEY_REPLY: the last frame of the client under its old key")
	p.say(p.client, "DATA 1 of the client, behind REKEY_REPLY: the first frame under its new key", "me too")
	p.deliver(p.server, "ACK of everything below 2, while REKEY_DONE is under way")
	p.deliver(p.client, "REKEY_DONE: the last frame of the server under its old key")
	p.deliver(p.client, "ACK of everything below 2: the first frame of the server under its new key")
	p.deliver(p.client, "nothing")
	p.deliver(p.server, "nothing") // REKEY_DONE
	p.deliver(p.server, "nothing")
	if p.err != nil {
		return
	}
	p.epoch(p.client.epoch, p.client.current)
	p.note = "CLOSE, goodbye"
	p.check(p.client.close(0))
	p.deliver(p.client, "nothing")
	if !p.server.over || p.server.closeReason != 0 || len(p.client.frames)+len(p.server.frames) != 0 {
		p.check(errors.New("the session has not ended in order"))
	}
}

// text is readable filling of so many bytes.
func text(length int) string {
	const line = "the quick brown fox jumps over the lazy dog; "
	filling := ""
	for len(filling) < length {
		filling += line
	}
	return filling[:length]
}
