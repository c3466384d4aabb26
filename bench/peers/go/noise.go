package main

// The handshake, and the line that it opens: one message, sealed, in one frame.

import (
	"bytes"
	"crypto/rand"
	"syscall"

	"github.com/flynn/noise"
	"github.com/gorilla/websocket"
)

var (
	suite = noise.NewCipherSuite(noise.DH25519, noise.CipherAESGCM, noise.HashSHA256)
	// Everybody knows it: nothing is secret here.
	psk = bytes.Repeat([]byte{7}, 32)
)

type line struct {
	socket        *websocket.Conn
	send, receive *noise.CipherState
	sealed, plain []byte
}

func newState(static noise.DHKey, initiator bool) (*noise.HandshakeState, error) {
	return noise.NewHandshakeState(noise.Config{CipherSuite: suite, Random: rand.Reader, Pattern: noise.HandshakeXX,
		Initiator: initiator, StaticKeypair: static, PresharedKey: psk, PresharedKeyPlacement: 2})
}

func shakeHands(socket *websocket.Conn, initiator bool) (*line, error) {
	static, err := suite.GenerateKeypair(rand.Reader)
	if err != nil {
		return nil, err
	}
	state, err := newState(static, initiator)
	if err != nil {
		return nil, err
	}
	var first, second *noise.CipherState
	for index, writes := 0, initiator; index < 3; index, writes = index+1, !writes {
		var message []byte
		if writes {
			if message, first, second, err = state.WriteMessage(nil, nil); err == nil {
				err = socket.WriteMessage(websocket.BinaryMessage, message)
			}
		} else if _, message, err = socket.ReadMessage(); err == nil {
			_, first, second, err = state.ReadMessage(nil, message)
		}
		if err != nil {
			return nil, err
		}
	}
	if !initiator {
		first, second = second, first
	}
	return &line{socket: socket, send: first, receive: second}, nil
}

func (l *line) write(message []byte) (err error) {
	if l.sealed, err = l.send.Encrypt(l.sealed[:0], nil, message); err != nil {
		return err
	}
	return l.socket.WriteMessage(websocket.BinaryMessage, l.sealed)
}

// read returns the next message, which holds until the one after it is read.
func (l *line) read() ([]byte, error) {
	_, message, err := l.socket.ReadMessage()
	if err != nil {
		return nil, err
	}
	l.plain, err = l.receive.Decrypt(l.plain[:0], nil, message)
	return l.plain, err
}

// responders makes so many handshakes in memory, and returns the processor's time of the responder for one, in µs.
func responders(count int) (float64, error) {
	static, err := suite.GenerateKeypair(rand.Reader)
	if err != nil {
		return 0, err
	}
	initiators, messages := make([]*noise.HandshakeState, count), make([][]byte, count)
	for i := range initiators {
		if initiators[i], err = newState(static, true); err == nil {
			messages[i], _, _, err = initiators[i].WriteMessage(nil, nil)
		}
		if err != nil {
			return 0, err
		}
	}
	states := make([]*noise.HandshakeState, count)
	before := cpuMicroseconds()
	for i := range states {
		if states[i], err = newState(static, false); err == nil {
			if _, _, _, err = states[i].ReadMessage(nil, messages[i]); err == nil {
				messages[i], _, _, err = states[i].WriteMessage(nil, nil)
			}
		}
		if err != nil {
			return 0, err
		}
	}
	spent := cpuMicroseconds() - before
	for i, initiator := range initiators {
		if _, _, _, err = initiator.ReadMessage(nil, messages[i]); err == nil {
			messages[i], _, _, err = initiator.WriteMessage(nil, nil)
		}
		if err != nil {
			return 0, err
		}
	}
	before = cpuMicroseconds()
	for i, state := range states {
		if _, _, _, err = state.ReadMessage(nil, messages[i]); err != nil {
			return 0, err
		}
	}
	return float64(spent+cpuMicroseconds()-before) / float64(count), nil
}

func cpuMicroseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // only for a bad argument
	}
	return (usage.Utime.Nano() + usage.Stime.Nano()) / 1000
}
