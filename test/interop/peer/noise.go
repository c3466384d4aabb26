package main

// The two Noise handshakes, by flynn/noise, with the third output of Split() (docs/PROTOCOL.md, section 3.5), which
// that library does not give. Its chaining key is not public either, but it can be computed from outside: it takes in
// nothing but the ephemeral public keys, the psk and the results of the Diffie-Hellmans, in the order of the pattern,
// and a library that lets us bring our own DH function lets us listen to it. The `tape` does that, and it also notes
// the keys that ciphers are made with: the last two are flynn's k1 and k2, and ours must be the same, or the chaining
// key is wrong.

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/flynn/noise"
	"golang.org/x/crypto/hkdf"
)

type tape struct {
	noise.DHFunc
	noise.CipherFunc
	shared [][]byte
	keys   [][32]byte
}

func (t *tape) DH(private, public []byte) ([]byte, error) {
	// X25519 of x/crypto refuses a result of zeros by itself.
	shared, err := t.DHFunc.DH(private, public)
	if err == nil {
		t.shared = append(t.shared, append([]byte(nil), shared...))
	}
	return shared, err
}

func (t *tape) Cipher(key [32]byte) noise.Cipher {
	t.keys = append(t.keys, key)
	return t.CipherFunc.Cipher(key)
}

// What goes into the chaining key of each pattern, in order.
var (
	inputsXXpsk2 = []string{"e of initiator", "e of responder", "ee", "es", "psk", "se"}
	inputsKKpsk2 = []string{"e of initiator", "es", "ss", "e of responder", "ee", "se", "psk"}
)

type handshake struct {
	state     *noise.HandshakeState
	tape      *tape
	initiator bool
	name      string
	inputs    []string
	psk       []byte
	ephemeral noise.DHKey
	first     *noise.CipherState
	second    *noise.CipherState
}

// What a finished handshake leaves: the secrets of one epoch.
type secrets struct {
	h, k1, k2, k3 []byte
	// send and receive are flynn's own states for k1 and k2, as they are ours to use.
	send, receive *noise.CipherState
	ours, theirs  []byte // the ephemeral public keys
}

// newHandshake makes the ephemeral key itself, since the proof is needed before flynn would make it.
func newHandshake(pattern noise.HandshakePattern, inputs []string, config noise.Config, random io.Reader) (*handshake, error) {
	t := &tape{DHFunc: noise.DH25519, CipherFunc: noise.CipherAESGCM}
	ephemeral, err := noise.DH25519.GenerateKeypair(random)
	if err != nil {
		return nil, err
	}
	config.CipherSuite = noise.NewCipherSuite(t, t, noise.HashSHA256)
	config.Pattern = pattern
	config.PresharedKeyPlacement = 2
	config.Random = bytes.NewReader(ephemeral.Private)
	state, err := noise.NewHandshakeState(config)
	if err != nil {
		return nil, err
	}
	name := "Noise_" + pattern.Name + "psk2_25519_AESGCM_SHA256"
	return &handshake{state: state, tape: t, initiator: config.Initiator, name: name, inputs: inputs,
		psk: config.PresharedKey, ephemeral: ephemeral}, nil
}

func newFirstHandshake(initiator bool, static noise.DHKey, psk []byte, random io.Reader) (*handshake, error) {
	config := noise.Config{Initiator: initiator, Prologue: []byte("lair/1"), StaticKeypair: static, PresharedKey: psk}
	return newHandshake(noise.HandshakeXX, inputsXXpsk2, config, random)
}

func newRekeyHandshake(initiator bool, static noise.DHKey, peer, prologue, psk []byte, random io.Reader) (*handshake, error) {
	config := noise.Config{Initiator: initiator, Prologue: prologue, StaticKeypair: static, PeerStatic: peer, PresharedKey: psk}
	return newHandshake(noise.HandshakeKK, inputsKKpsk2, config, random)
}

func (hs *handshake) write(payload []byte) ([]byte, error) {
	message, first, second, err := hs.state.WriteMessage(nil, payload)
	hs.first, hs.second = first, second
	return message, err
}

func (hs *handshake) read(message []byte) ([]byte, error) {
	payload, first, second, err := hs.state.ReadMessage(nil, message)
	hs.first, hs.second = first, second
	return payload, err
}

func mac(key []byte, parts ...[]byte) []byte {
	sum := hmac.New(sha256.New, key)
	for _, part := range parts {
		sum.Write(part)
	}
	return sum.Sum(nil)
}

// split is Split() with its third output. Call it when the last message has been written or read.
func (hs *handshake) split() (*secrets, error) {
	if hs.first == nil {
		return nil, errors.New("the handshake is not complete")
	}
	ours, theirs := hs.ephemeral.Public, append([]byte(nil), hs.state.PeerEphemeral()...)
	initiators, responders := ours, theirs
	if !hs.initiator {
		initiators, responders = theirs, ours
	}
	chainingKey := []byte(hs.name)
	if len(chainingKey) > 32 {
		return nil, errors.New("a name of more than 32 bytes would have to be hashed")
	}
	chainingKey = append(chainingKey, make([]byte, 32-len(chainingKey))...)
	shared := hs.tape.shared
	for _, input := range hs.inputs {
		var data []byte
		switch input {
		case "e of initiator":
			data = initiators
		case "e of responder":
			data = responders
		case "psk":
			data = hs.psk
		default:
			if len(shared) == 0 {
				return nil, errors.New("a Diffie-Hellman is missing on the tape")
			}
			data, shared = shared[0], shared[1:]
		}
		// The first output of Noise's HKDF is the same for two outputs (MixKey) and for three (MixKeyAndHash).
		chainingKey = mac(mac(chainingKey, data), []byte{1})
	}
	temp := mac(chainingKey)
	k1 := mac(temp, []byte{1})
	k2 := mac(temp, k1, []byte{2})
	k3 := mac(temp, k2, []byte{3})
	made := hs.tape.keys[len(hs.tape.keys)-2:]
	if !bytes.Equal(made[0][:], k1) || !bytes.Equal(made[1][:], k2) || len(shared) != 0 {
		return nil, errors.New("our chaining key is not the one of flynn/noise")
	}
	result := &secrets{h: append([]byte(nil), hs.state.ChannelBinding()...), k1: k1, k2: k2, k3: k3,
		send: hs.first, receive: hs.second, ours: ours, theirs: theirs}
	if !hs.initiator {
		result.send, result.receive = hs.second, hs.first
	}
	return result, nil
}

// derive is HKDF of RFC 5869 (section 1), not the HKDF inside Noise.
func derive(salt, ikm []byte, info string, length int) []byte {
	out := make([]byte, length)
	if _, err := io.ReadFull(hkdf.New(sha256.New, ikm, salt, []byte(info)), out); err != nil {
		panic(err) // only for lengths over 8,160
	}
	return out
}

// The lengths of what message 1 carries, and of the whole (section 3.2).
const (
	hintLength     = 16
	message1Length = 32 + hintLength + 32 + 16
)

func proofKeyOf(psk []byte) []byte { return derive(nil, psk, "lair/1 proof", 32) }

func hourOf(now time.Time) uint64 { return uint64(now.UnixMilli()) / 3_600_000 }

// hintOf leads the server to the psk (section 3.2).
func hintOf(psk []byte, hour uint64) []byte {
	return mac(proofKeyOf(psk), []byte("lair/1 hint"), binary.BigEndian.AppendUint64(nil, hour))[:hintLength]
}

// proofOf covers the hint as well (section 3.2).
func proofOf(psk, ephemeral, hint []byte) []byte {
	return mac(proofKeyOf(psk), []byte("lair/1"), ephemeral, hint)
}

// firstPayload is the payload of message 1: the hint, then the proof.
func firstPayload(psk, ephemeral []byte, hour uint64) []byte {
	hint := hintOf(psk, hour)
	return append(hint, proofOf(psk, ephemeral, hint)...)
}

func hash(parts ...[]byte) []byte {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write(part)
	}
	return sum.Sum(nil)
}
