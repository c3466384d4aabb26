//go:build ignore

// Makes noise.json, Lair's own Noise vectors, with an implementation that shares no line with ours: flynn/noise and
// golang.org/x/crypto. On Debian: apt-get install golang-go golang-github-flynn-noise-dev, then, in this folder,
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run generate.go > noise.json
//
// The output is byte-identical each time: generate.test.ts compares it. Every key is SHA-256 of its label, every
// payload the start of SHA-256(label ‖ 0) ‖ SHA-256(label ‖ 1) ‖ ..., so anyone can make them again; the labels are
// "lair vector N: " and one of "initiator static", "responder static", "initiator ephemeral", "responder ephemeral",
// "psk I", "payload I", where N counts the vectors and I within a vector, both from 0.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/flynn/noise"
)

type message struct {
	Payload    string `json:"payload"`
	Ciphertext string `json:"ciphertext"`
}

// The schema is that of the published files (see vectors.test.ts), with the public keys a side knows in advance.
type vector struct {
	ProtocolName     string    `json:"protocol_name"`
	InitPrologue     string    `json:"init_prologue"`
	InitPsks         []string  `json:"init_psks"`
	InitStatic       string    `json:"init_static,omitempty"`
	InitEphemeral    string    `json:"init_ephemeral"`
	InitRemoteStatic string    `json:"init_remote_static,omitempty"`
	RespPrologue     string    `json:"resp_prologue"`
	RespPsks         []string  `json:"resp_psks"`
	RespStatic       string    `json:"resp_static,omitempty"`
	RespEphemeral    string    `json:"resp_ephemeral"`
	RespRemoteStatic string    `json:"resp_remote_static,omitempty"`
	HandshakeHash    string    `json:"handshake_hash"`
	Messages         []message `json:"messages"`
}

// One vector to make. With pskPositions {0, 2} the pattern is, for example, "NNpsk0+psk2".
type job struct {
	pattern      noise.HandshakePattern
	pskPositions []int
	suite        noise.CipherSuite
	prologue     []byte
}

var (
	ciphers = []noise.CipherFunc{noise.CipherAESGCM, noise.CipherChaChaPoly}
	hashes  = []noise.HashFunc{noise.HashSHA256, noise.HashSHA512, noise.HashBLAKE2s, noise.HashBLAKE2b}
	lengths = []int{0, 1, 32, 255, 1000}
)

const transportMessages = 7

func main() {
	var vectors []vector
	for _, j := range jobs() {
		vectors = append(vectors, makeVector(len(vectors), j))
	}
	out, err := json.MarshalIndent(map[string][]vector{"vectors": vectors}, "", " ")
	check(err)
	_, err = os.Stdout.Write(append(out, '\n'))
	check(err)
}

func jobs() []job {
	lair := noise.NewCipherSuite(noise.DH25519, noise.CipherAESGCM, noise.HashSHA256)
	rekey := append([]byte("lair/1 rekey"), 0, 0, 0, 1) // docs/PROTOCOL.md: then comes h of the epoch before
	rekey = append(rekey, digest("lair vector: handshake hash of the epoch before")...)
	var list []job
	// What Lair itself speaks, under several prologues.
	for _, prologue := range [][]byte{[]byte("lair/1"), {}, rekey, bytes.Repeat([]byte{0xa5}, 255)} {
		list = append(list, job{noise.HandshakeXX, []int{2}, lair, prologue}, job{noise.HandshakeKK, []int{2}, lair, prologue})
	}
	for _, hash := range hashes {
		for _, cipher := range ciphers {
			suite := noise.NewCipherSuite(noise.DH25519, cipher, hash)
			if string(suite.Name()) == string(lair.Name()) {
				continue
			}
			list = append(list, job{noise.HandshakeXX, []int{2}, suite, []byte("lair/1")}, job{noise.HandshakeKK, []int{2}, suite, []byte("lair/1")})
		}
	}
	// Several psks, all different.
	for _, several := range []job{
		{pattern: noise.HandshakeNN, pskPositions: []int{0, 2}},
		{pattern: noise.HandshakeXX, pskPositions: []int{0, 3}},
		{pattern: noise.HandshakeXX, pskPositions: []int{1, 2, 3}},
		{pattern: noise.HandshakeKK, pskPositions: []int{0, 2}},
		{pattern: noise.HandshakeIK, pskPositions: []int{1, 2}},
	} {
		several.suite, several.prologue = lair, []byte("lair/1")
		list = append(list, several)
	}
	return list
}

// One end of a handshake, and its copy of the psk that flynn/noise holds a reference to.
type side struct {
	state          *noise.HandshakeState
	psk            []byte
	sends, listens *noise.CipherState
}

func makeVector(number int, j job) vector {
	label := func(what string) string { return fmt.Sprintf("lair vector %d: %s", number, what) }
	key := func(what string) noise.DHKey {
		pair, err := noise.DH25519.GenerateKeypair(bytes.NewReader(digest(label(what))))
		check(err)
		return pair
	}
	var psks [][]byte
	for i := range j.pskPositions {
		psks = append(psks, digest(label(fmt.Sprintf("psk %d", i))))
	}
	initStatic, respStatic := key("initiator static"), key("responder static")
	pattern := withPsks(j.pattern, j.pskPositions)

	v := vector{
		ProtocolName:  fmt.Sprintf("Noise_%spsk%d_%s", pattern.Name, j.pskPositions[len(j.pskPositions)-1], j.suite.Name()),
		InitPrologue:  hex.EncodeToString(j.prologue),
		RespPrologue:  hex.EncodeToString(j.prologue),
		InitEphemeral: hex.EncodeToString(digest(label("initiator ephemeral"))),
		RespEphemeral: hex.EncodeToString(digest(label("responder ephemeral"))),
	}
	for _, psk := range psks {
		v.InitPsks = append(v.InitPsks, hex.EncodeToString(psk))
	}
	v.RespPsks = v.InitPsks

	start := func(initiator bool, ephemeral string) *side {
		s := &side{psk: append([]byte(nil), psks[0]...)}
		config := noise.Config{
			CipherSuite: j.suite, Random: bytes.NewReader(digest(label(ephemeral))), Pattern: pattern, Initiator: initiator,
			Prologue: j.prologue, PresharedKey: s.psk, PresharedKeyPlacement: j.pskPositions[len(j.pskPositions)-1],
		}
		own, remote, preOwn, preRemote := initStatic, respStatic, j.pattern.InitiatorPreMessages, j.pattern.ResponderPreMessages
		ownText, remoteText := &v.InitStatic, &v.InitRemoteStatic
		if !initiator {
			own, remote, preOwn, preRemote = respStatic, initStatic, j.pattern.ResponderPreMessages, j.pattern.InitiatorPreMessages
			ownText, remoteText = &v.RespStatic, &v.RespRemoteStatic
		}
		if len(preOwn) > 0 || sendsStatic(j.pattern, initiator) {
			config.StaticKeypair = own
			*ownText = hex.EncodeToString(own.Private)
		}
		if len(preRemote) > 0 {
			config.PeerStatic = remote.Public
			*remoteText = hex.EncodeToString(remote.Public)
		}
		var err error
		s.state, err = noise.NewHandshakeState(config)
		check(err)
		return s
	}
	initiator, responder := start(true, "initiator ephemeral"), start(false, "responder ephemeral")

	used := 0
	for i := 0; i < len(pattern.Messages)+transportMessages; i++ {
		from, to := initiator, responder
		if i%2 == 1 {
			from, to = responder, initiator
		}
		payload := stream(label(fmt.Sprintf("payload %d", i)), lengths[(number+i)%len(lengths)])
		var sealed, opened []byte
		var err error
		if i < len(pattern.Messages) {
			// flynn/noise knows one psk a handshake, and keeps the caller's slice: the next one is put into it in time.
			if carriesPsk(j, i) {
				copy(initiator.psk, psks[used])
				copy(responder.psk, psks[used])
				used++
			}
			var first, second *noise.CipherState
			sealed, first, second, err = from.state.WriteMessage(nil, payload)
			check(err)
			from.setTransport(from == initiator, first, second)
			opened, first, second, err = to.state.ReadMessage(nil, sealed)
			check(err)
			to.setTransport(to == initiator, first, second)
		} else {
			sealed, err = from.sends.Encrypt(nil, nil, payload)
			check(err)
			opened, err = to.listens.Decrypt(nil, nil, sealed)
			check(err)
		}
		require(bytes.Equal(opened, payload), "a payload was changed on the way")
		v.Messages = append(v.Messages, message{hex.EncodeToString(payload), hex.EncodeToString(sealed)})
	}
	require(used == len(psks), "a psk was not used")
	require(bytes.Equal(initiator.state.ChannelBinding(), responder.state.ChannelBinding()), "two handshake hashes")
	v.HandshakeHash = hex.EncodeToString(initiator.state.ChannelBinding())
	return v
}

// The pattern with all psk tokens but the last, and its name up to the "+" before the last: flynn/noise adds that one.
func withPsks(p noise.HandshakePattern, positions []int) noise.HandshakePattern {
	messages := append([][]noise.MessagePattern(nil), p.Messages...)
	for _, position := range positions[:len(positions)-1] {
		p.Name += fmt.Sprintf("psk%d+", position)
		if position == 0 {
			messages[0] = append([]noise.MessagePattern{noise.MessagePatternPSK}, messages[0]...)
		} else {
			messages[position-1] = append(append([]noise.MessagePattern(nil), messages[position-1]...), noise.MessagePatternPSK)
		}
	}
	p.Messages = messages
	return p
}

func carriesPsk(j job, index int) bool {
	for _, position := range j.pskPositions {
		if position == index+1 || (position == 0 && index == 0) {
			return true
		}
	}
	return false
}

func sendsStatic(p noise.HandshakePattern, initiator bool) bool {
	for i, tokens := range p.Messages {
		for _, token := range tokens {
			if token == noise.MessagePatternS && (i%2 == 0) == initiator {
				return true
			}
		}
	}
	return false
}

// Split's first key is the initiator's to send with; before the last message there is none.
func (s *side) setTransport(isInitiator bool, first, second *noise.CipherState) {
	if isInitiator {
		s.sends, s.listens = first, second
	} else {
		s.sends, s.listens = second, first
	}
}

func digest(label string) []byte {
	sum := sha256.Sum256([]byte(label))
	return sum[:]
}

func stream(label string, length int) []byte {
	var out []byte
	for block := 0; len(out) < length; block++ {
		out = append(out, digest(label+string(rune(block)))...)
	}
	return out[:length]
}

func check(err error) { require(err == nil, fmt.Sprint(err)) }

func require(holds bool, otherwise string) {
	if !holds {
		fmt.Fprintln(os.Stderr, "generate.go:", otherwise)
		os.Exit(1)
	}
}
