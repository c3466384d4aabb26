package main

// What the members of a room agree on (docs/ROOMS.md), but for MLS itself: its sections 2 to 7. What is drawn is handed in.

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"sort"
	"strings"

	"github.com/flynn/noise"
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func u16(value int) []byte { return []byte{byte(value >> 8), byte(value)} }

// seal is AES-256-GCM.
func seal(key, nonce, data, plaintext []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nonce, plaintext, data), nil
}

// --- section 2 ---

type logEntry struct {
	Seq    uint64   `json:"seq"`
	Type   string   `json:"type"`
	ID     hexBytes `json:"id"`
	Epoch  uint64   `json:"epoch"`
	Poster hexBytes `json:"poster"`
	AtMs   uint64   `json:"atMs"`
	Bytes  hexBytes `json:"bytes"`
	D      hexBytes `json:"d"`
	H      hexBytes `json:"h"`
}

var entryTypes = map[string]byte{"commit": 0, "message": 1, "notice": 2}

func (e *logEntry) hash(before []byte) {
	e.D = hash(u64(e.Seq), []byte{entryTypes[e.Type]}, e.ID, u64(e.Epoch), e.Poster, hash(e.Bytes))
	e.H = hash(before, e.D)
}

// markInCommit is the authenticated data of a commit.
func markInCommit(e logEntry) []byte { return join(u64(e.Seq), e.H) }

// --- section 3 ---

type linkParts struct {
	Address   string   `json:"address"`
	InvitePsk hexBytes `json:"invitePsk"`
	HubKey    hexBytes `json:"hubKey"`
	Room      hexBytes `json:"room"`
	ID        hexBytes `json:"id"`
	Secret    hexBytes `json:"secret"`
	Text      string   `json:"text"`
}

// format takes an address like "ws://127.0.0.1:8080/".
func (l linkParts) format() string {
	secret := join([]byte{2}, l.InvitePsk, l.HubKey, l.Room, l.ID, l.Secret)
	return strings.Replace(l.Address, "ws", "lair", 1) + "#" + base64.RawURLEncoding.EncodeToString(secret)
}

// --- section 4 ---

type outsideLink struct {
	ID     hexBytes `json:"id"`
	Secret hexBytes `json:"secret"`
	Key    hexBytes `json:"key"`
	Sealed hexBytes `json:"sealed"`
}

type outsideMember struct {
	StaticPrivate    hexBytes `json:"staticPrivate"`
	StaticPublic     hexBytes `json:"staticPublic"`
	SignatureKey     hexBytes `json:"signatureKey"`
	EphemeralPrivate hexBytes `json:"ephemeralPrivate"`
	Message          hexBytes `json:"message"`
}

type outsideInfo struct {
	GroupInfo  hexBytes        `json:"groupInfo"`
	ContentKey hexBytes        `json:"contentKey"`
	Salt       hexBytes        `json:"salt"`
	Links      []outsideLink   `json:"links"`
	Members    []outsideMember `json:"members"`
	Bytes      hexBytes        `json:"bytes"`
}

func (o *outsideInfo) seal(room []byte) error {
	zeros := make([]byte, 12)
	info := join([]byte("lair/1 outside"), room)
	out := join([]byte{1}, o.Salt, []byte{byte(len(o.Links))})
	for i := range o.Links {
		one := &o.Links[i]
		one.Key = derive(o.Salt, one.Secret, string(info), 32)
		sealed, err := seal(one.Key, zeros, room, o.ContentKey)
		if err != nil {
			return err
		}
		one.Sealed = sealed
		out = join(out, one.ID, sealed)
	}
	out = append(out, u16(len(o.Members))...)
	for i := range o.Members {
		one := &o.Members[i]
		state, err := noise.NewHandshakeState(noise.Config{
			CipherSuite: noise.NewCipherSuite(noise.DH25519, noise.CipherAESGCM, noise.HashSHA256),
			Pattern:     noise.HandshakeN, Initiator: true, Prologue: info, PeerStatic: one.StaticPublic,
			Random: bytes.NewReader(one.EphemeralPrivate)})
		if err != nil {
			return err
		}
		message, _, _, err := state.WriteMessage(nil, o.ContentKey)
		if err != nil || len(message) != 80 {
			return fmt.Errorf("a message of Noise_N of %d bytes (%v)", len(message), err)
		}
		one.Message = message
		out = join(out, one.StaticPublic[:8], message)
	}
	sealed, err := seal(o.ContentKey, zeros, room, o.GroupInfo)
	o.Bytes = join(out, sealed)
	return err
}

// --- section 5 ---

func bundle(packages []hexBytes) []byte {
	out := []byte{byte(len(packages))}
	for _, one := range packages {
		out = join(out, u16(len(one)), one)
	}
	return out
}

// --- section 6 ---

type signal struct {
	Note    string   `json:"note"`
	Epoch   uint64   `json:"epoch"`
	Sender  hexBytes `json:"sender"`
	Key     hexBytes `json:"key"`
	Nonce   hexBytes `json:"nonce"`
	Message string   `json:"message"`
	Bytes   hexBytes `json:"bytes"`
}

func (s *signal) seal(room []byte) error {
	padded := s.Message
	for len(padded) < 192 {
		padded += " "
	}
	sealed, err := seal(s.Key, s.Nonce, join(room, s.Sender), []byte(padded))
	s.Bytes = join(u64(s.Epoch), s.Nonce, sealed)
	return err
}

// --- section 7 ---

type contextRole struct {
	Key  hexBytes `json:"key"`
	Role string   `json:"role"`
}

type contextLink struct {
	ID     hexBytes `json:"id"`
	Secret hexBytes `json:"secret"`
}

type roomContext struct {
	Note    string        `json:"note"`
	Kind    string        `json:"kind"`
	Name    string        `json:"name"`
	Topic   string        `json:"topic"`
	Shared  int           `json:"shared"`
	Roles   []contextRole `json:"roles"`
	Leaving []hexBytes    `json:"leaving"`
	Banned  []hexBytes    `json:"banned"`
	Links   []contextLink `json:"links"`
	Bytes   hexBytes      `json:"bytes"`
}

// encode sorts what has to be sorted.
func (c *roomContext) encode() {
	kinds := map[string]byte{"room": 1, "announcement": 2, "direct": 3}
	roles := map[string]byte{"moderator": 1, "admin": 2}
	sort.Slice(c.Roles, func(i, j int) bool { return bytes.Compare(c.Roles[i].Key, c.Roles[j].Key) < 0 })
	sort.Slice(c.Links, func(i, j int) bool { return bytes.Compare(c.Links[i].ID, c.Links[j].ID) < 0 })
	out := join([]byte{1, kinds[c.Kind]}, u16(len(c.Name)), []byte(c.Name), u16(len(c.Topic)), []byte(c.Topic), u16(c.Shared))
	out = join(out, u16(len(c.Roles)))
	for _, one := range c.Roles {
		out = join(out, one.Key, []byte{roles[one.Role]})
	}
	for _, keys := range [][]hexBytes{c.Leaving, c.Banned} {
		sort.Slice(keys, func(i, j int) bool { return bytes.Compare(keys[i], keys[j]) < 0 })
		out = join(out, u16(len(keys)))
		for _, key := range keys {
			out = join(out, key)
		}
	}
	out = join(out, u16(len(c.Links)))
	for _, one := range c.Links {
		out = join(out, one.ID, one.Secret)
	}
	c.Bytes = out
}
