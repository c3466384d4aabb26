package main

// Invites, fingerprints and safety words (docs/PROTOCOL.md, section 9), and the file in which this peer keeps its key
// and its pair. It keeps one pair and asks no person.

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/flynn/noise"
	"golang.org/x/crypto/curve25519"
)

type invite struct {
	url       string
	psk       []byte
	serverKey []byte
}

func (i invite) String() string {
	address := strings.Replace(i.url, "ws", "lair", 1)
	secret := append(append([]byte{1}, i.psk...), i.serverKey...)
	return address + "#" + base64.RawURLEncoding.EncodeToString(secret)
}

func readInvite(text string) (invite, error) {
	parsed, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return invite{}, errors.New("not an invite") // err would repeat the secret
	}
	scheme := map[string]string{"lair": "ws", "lairs": "wss"}[parsed.Scheme]
	if scheme == "" || parsed.Port() == "" || parsed.Path != "/" {
		return invite{}, errors.New("not an invite: its address")
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(parsed.Fragment)
	if err != nil || len(parsed.Fragment) != 87 || secret[0] != 1 {
		return invite{}, errors.New("not an invite: its secret")
	}
	return invite{scheme + "://" + parsed.Host + "/", secret[1:33], secret[33:]}, nil
}

// signatureKey is the public key of the Ed25519 pair that belongs to a static private key (sections 3.6 and 9).
func signatureKey(private []byte) []byte {
	seed := derive(nil, private, "lair/1 signature key", ed25519.SeedSize)
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}

// both is what fingerprint and safety words are made of: the static public key and the signature key.
func both(static, signature []byte) []byte {
	return append(append([]byte(nil), static...), signature...)
}

func fingerprint(keys []byte) string {
	sum := sha256.Sum256(keys)
	text := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))
	return strings.TrimSpace(regexp.MustCompile(`.{4}`).ReplaceAllString(text, "$0 "))
}

func safetyBytes(one, other []byte) []byte {
	if bytes.Compare(one, other) > 0 {
		one, other = other, one
	}
	return derive(nil, append(append([]byte(nil), one...), other...), "lair/1 safety words", 17)
}

func safetyWords(one, other []byte, list []string) []string {
	words := make([]string, 12)
	secret := safetyBytes(one, other)
	for i := range words {
		index := 0
		for bit := i * 11; bit < i*11+11; bit++ {
			index = index<<1 | int(secret[bit/8]>>(7-bit%8))&1
		}
		words[i] = list[index]
	}
	return words
}

// readWords finds BIP-39's English list in any text file that holds it between other things, one word a line, and
// knows it by its SHA-256.
func readWords(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	start, end := bytes.Index(text, []byte("abandon\n")), bytes.LastIndex(text, []byte("\nzoo"))
	if start < 0 || end < start {
		return nil, errors.New("no word list in " + path)
	}
	list := string(text[start:end+4]) + "\n"
	if fmt.Sprintf("%x", sha256.Sum256([]byte(list))) != "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" {
		return nil, errors.New("not the English word list of BIP-39: " + path)
	}
	return strings.Fields(list), nil
}

// What this peer keeps between sessions. The test reads and writes it too.
type memory struct {
	Static    string `json:"static"`
	URL       string `json:"url,omitempty"`
	ServerKey string `json:"serverKey,omitempty"`
	ServerSig string `json:"serverSig,omitempty"`
	PairPsk   string `json:"pairPsk,omitempty"`
}

func keyPair(private []byte) noise.DHKey {
	public, err := curve25519.X25519(private, curve25519.Basepoint)
	if err != nil {
		panic(err)
	}
	return noise.DHKey{Private: private, Public: public}
}

// loadMemory reads the file, or starts a new one with a new key.
func loadMemory(path string, random io.Reader) (memory, noise.DHKey, error) {
	var kept memory
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		private := make([]byte, 32)
		if _, err := io.ReadFull(random, private); err != nil {
			return kept, noise.DHKey{}, err
		}
		kept.Static = hex.EncodeToString(private)
		return kept, keyPair(private), kept.save(path)
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	private, bad := hex.DecodeString(kept.Static)
	if err != nil || bad != nil || len(private) != 32 {
		return kept, noise.DHKey{}, errors.New("cannot read " + path)
	}
	return kept, keyPair(private), nil
}

func (m memory) save(path string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0600)
}
