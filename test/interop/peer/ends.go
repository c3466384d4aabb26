package main

// The two ends of the carrier up to an open session (docs/PROTOCOL.md, sections 2, 3 and 9): connect and serve.

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flynn/noise"
	"github.com/gorilla/websocket"
)

const (
	handshakeLimit = 1024
	messageLimit   = 65535
	// gorilla/websocket cuts a client's message into frames where its write buffer ends, and a Lair message must be
	// one frame: the buffer has to hold the largest, with its header.
	writeBuffer = messageLimit + 14
	agent       = "lair-interop/1"
)

// The server dropped us before message 2, after so many bytes.
type refusedError struct{ bytes int64 }

func (e *refusedError) Error() string { return "dropped before message 2" }

// counted counts what is read from a connection.
type counted struct {
	net.Conn
	read int64
}

func (c *counted) Read(buffer []byte) (int, error) {
	n, err := c.Conn.Read(buffer)
	atomic.AddInt64(&c.read, int64(n))
	return n, err
}

// connect is one connection of a client, to its end.
func (p *peer) connect(state string) error {
	kept, static := &p.kept, p.static
	target := invite{url: kept.URL}
	paired := kept.PairPsk != ""
	if paired {
		var bad, worse error
		target.psk, bad = hex.DecodeString(kept.PairPsk)
		target.serverKey, worse = hex.DecodeString(kept.ServerKey)
		if bad != nil || worse != nil {
			return errors.New("cannot read the pair in " + state)
		}
	} else {
		var err error
		if target, err = readInvite(<-p.lines); err != nil {
			return err
		}
	}
	var tcp *counted
	dialer := websocket.Dialer{Subprotocols: []string{"lair.1"}, WriteBufferSize: writeBuffer,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			tcp = &counted{Conn: conn}
			return tcp, err
		}}
	socket, _, err := dialer.Dial(target.url, nil)
	if err != nil {
		return err
	}
	if socket.Subprotocol() != "lair.1" {
		drop(socket)
		return errors.New("the server does not speak lair.1")
	}
	upgrade := atomic.LoadInt64(&tcp.read) // nothing follows the upgrade before message 1 has been sent
	socket.SetReadLimit(handshakeLimit)

	hs, err := newFirstHandshake(true, static, target.psk, rand.Reader)
	if err != nil {
		return err
	}
	message1, err := hs.write(firstPayload(target.psk, hs.ephemeral.Public, hourOf(time.Now())))
	if err != nil {
		return err
	}
	if err := socket.WriteMessage(websocket.BinaryMessage, message1); err != nil {
		return err
	}
	message2, err := receive(socket)
	if err != nil {
		return &refusedError{atomic.LoadInt64(&tcp.read) - upgrade}
	}
	payload, err := hs.read(message2)
	if err != nil {
		drop(socket)
		return err
	}
	if !bytes.Equal(hs.state.PeerStatic(), target.serverKey) {
		drop(socket)
		return errors.New("another server key than expected")
	}
	theirs, err := readHello(payload, true)
	if err != nil {
		drop(socket)
		return err
	}
	if kept.ServerSig != "" && kept.ServerSig != hex.EncodeToString(theirs.sig) {
		drop(socket)
		return errors.New("another signature key than expected")
	}
	var caps []string
	if p.hub != nil {
		if caps = []string{"rooms/1", "entry/1"}; !contains(theirs.caps, "hub/1") {
			drop(socket)
			return errors.New("this is no hub")
		}
	}
	message3, err := hs.write(pad(encode(typeHello, helloText("gopher", agent, signatureKey(static.Private), "", caps...))))
	if err != nil {
		return err
	}
	first, err := hs.split()
	if err != nil {
		return err
	}
	if !paired {
		pairPsk := derive(first.h, first.k3, "lair/1 pair psk", 32)
		kept.URL, kept.ServerKey, kept.PairPsk = target.url, hex.EncodeToString(target.serverKey), hex.EncodeToString(pairPsk)
		kept.ServerSig = hex.EncodeToString(theirs.sig)
		if err := kept.save(state); err != nil { // before message 3 is sent
			return err
		}
	}
	if err := socket.WriteMessage(websocket.BinaryMessage, message3); err != nil {
		return err
	}
	socket.SetReadLimit(messageLimit)
	return p.start(socket, first, theirs, &session{static: static, peer: target.serverKey, psk: target.psk,
		min: theirs.min, max: theirs.max, calls: newCalling(p.hub)})
}

func contains(list []string, wanted string) bool {
	for _, one := range list {
		if one == wanted {
			return true
		}
	}
	return false
}

// start runs the session that a handshake has opened.
func (p *peer) start(socket *websocket.Conn, first *secrets, theirs hello, s *session) error {
	s.random, s.now, s.emit, s.closeReason, s.store = rand.Reader, time.Now, emit, -1, p.store
	s.plays, p.coming = p.coming, ""
	if s.plays == "early" {
		chat, err := chatText(s.now().UnixMilli(), "too early")
		if err != nil {
			return err
		}
		one := p.store.stamp()
		s.queue(encode(typeData, u64(p.store.sent), one[:], chatRoute.encode(), chat))
	}
	emit(event{"event": "connected", "name": theirs.name, "fingerprint": fingerprint(both(s.peer, theirs.sig)),
		"key": hexBytes(s.static.Public)})
	if err := s.open(first); err != nil {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	return p.talk(socket, s)
}

// listen takes connections for as long as the program runs.
func listen() (string, <-chan *websocket.Conn, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	arrived := make(chan *websocket.Conn)
	upgrader := websocket.Upgrader{Subprotocols: []string{"lair.1"}, WriteBufferSize: writeBuffer,
		CheckOrigin: func(request *http.Request) bool { return request.Header.Get("Origin") == "" }}
	handler := func(response http.ResponseWriter, request *http.Request) {
		if protocols := websocket.Subprotocols(request); len(protocols) != 1 || protocols[0] != "lair.1" {
			http.Error(response, "lair.1 is spoken here", http.StatusBadRequest)
			return
		}
		if socket, err := upgrader.Upgrade(response, request, nil); err == nil { // else it has answered with 403 or 400
			arrived <- socket
		}
	}
	go func() { _ = http.Serve(listener, http.HandlerFunc(handler)) }()
	return "ws://" + listener.Addr().String() + "/", arrived, nil
}

// serve waits for one client, with one invite, and for its sessions until one ends in order.
func (p *peer) serve(window string) error {
	from, to, _ := strings.Cut(window, "-")
	min, err := time.ParseDuration(from + "s")
	max, worse := time.ParseDuration(to + "s")
	if err != nil || worse != nil {
		return errors.New("--serve MIN-MAX, in seconds")
	}
	psk := make([]byte, 32)
	if _, err := rand.Read(psk); err != nil {
		return err
	}
	url, arrived, err := listen()
	if err != nil {
		return err
	}
	emit(event{"event": "listening", "url": url, "invite": invite{url, psk, p.static.Public}.String()})
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				p.lines = nil
			} else if _, err := p.apart(line); err != nil {
				return err
			}
		case socket := <-arrived:
			next, err := p.answer(socket, psk, fmt.Sprintf("[%s,%s]", from, to), &session{driver: true,
				static: p.static, min: min, max: max})
			var cut *cutError
			if !errors.As(err, &cut) {
				if err != nil {
					drop(socket)
				}
				return err
			}
			psk = next
		}
	}
}

// answer is the handshake of the responder and the session behind it. It returns the psk of the sessions after this one.
// It checks message 1 by hand first (section 17), since flynn/noise wants the psk before it reads anything.
func (p *peer) answer(socket *websocket.Conn, psk []byte, window string, s *session) ([]byte, error) {
	first, theirs, err := p.shakeHands(socket, [][]byte{psk}, window, s)
	if err != nil {
		return psk, err
	}
	if p.kept.PairPsk == "" { // this session was by the invite, and later ones are by the pair
		psk = derive(first.h, first.k3, "lair/1 pair psk", 32)
		p.kept.PairPsk = hex.EncodeToString(psk)
	}
	return psk, p.start(socket, first, theirs, s)
}

// shakeHands finds the psk by its proof among those that are accepted: with so few nothing has to be looked up by the hint.
func (p *peer) shakeHands(socket *websocket.Conn, psks [][]byte, window string, s *session, caps ...string) (*secrets, hello, error) {
	var theirs hello
	socket.SetReadLimit(handshakeLimit)
	if err := socket.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return nil, theirs, err
	}
	message1, err := receive(socket)
	if err != nil {
		return nil, theirs, err
	}
	hint, proof, err := openMessage1(message1)
	if err != nil {
		return nil, theirs, err
	}
	for _, psk := range psks {
		if subtle.ConstantTimeCompare(proof, proofOf(psk, message1[:32], hint)) == 1 {
			s.psk = psk
		}
	}
	if s.psk == nil {
		return nil, theirs, errors.New("no psk matches")
	}
	hs, err := newFirstHandshake(false, p.static, s.psk, rand.Reader)
	if err != nil {
		return nil, theirs, err
	}
	if _, err := hs.read(message1); err != nil {
		return nil, theirs, err
	}
	message2, err := hs.write(pad(encode(typeHello, helloText("gopher", agent, signatureKey(p.static.Private), window, caps...))))
	if err != nil {
		return nil, theirs, err
	}
	if err := socket.WriteMessage(websocket.BinaryMessage, message2); err != nil {
		return nil, theirs, err
	}
	message3, err := receive(socket)
	if err != nil {
		return nil, theirs, err
	}
	payload, err := hs.read(message3)
	if err != nil {
		return nil, theirs, err
	}
	if theirs, err = readHello(payload, false); err != nil {
		return nil, theirs, err
	}
	first, err := hs.split()
	if err != nil {
		return nil, theirs, err
	}
	socket.SetReadLimit(messageLimit)
	if err := socket.SetReadDeadline(time.Time{}); err != nil {
		return nil, theirs, err
	}
	s.peer = hs.state.PeerStatic()
	return first, theirs, nil
}

// openMessage1 decrypts the payload of message 1, which takes no secret: the hint and the proof.
func openMessage1(message []byte) (hint, proof []byte, err error) {
	if len(message) != message1Length {
		return nil, nil, fmt.Errorf("message 1 is not %d bytes long", message1Length)
	}
	name := []byte("Noise_XXpsk2_25519_AESGCM_SHA256")
	h := hash(hash(name, []byte("lair/1")), message[:32])
	temp := mac(name, message[:32])
	key := mac(temp, mac(temp, []byte{1}), []byte{2})
	payload, err := noise.CipherAESGCM.Cipher(*(*[32]byte)(key)).Decrypt(nil, 0, h, message[32:])
	if err != nil {
		return nil, nil, err
	}
	return payload[:hintLength], payload[hintLength:], nil
}
