package main

// The form of test/vectors/session.json (docs/PROTOCOL.md, section 16). The order of the members is that of the file.

import (
	"encoding/hex"
	"encoding/json"
)

type hexBytes []byte

func (b hexBytes) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(b)) }

func (b *hexBytes) UnmarshalJSON(from []byte) error {
	var text string
	err := json.Unmarshal(from, &text)
	if err == nil {
		*b, err = hex.DecodeString(text)
	}
	return err
}

type vectorSide struct {
	StaticPrivate    hexBytes `json:"staticPrivate"`
	StaticPublic     hexBytes `json:"staticPublic"`
	SignatureSeed    hexBytes `json:"signatureSeed"`
	SignatureKey     hexBytes `json:"signatureKey"`
	EphemeralPrivate hexBytes `json:"ephemeralPrivate"`
	EphemeralPublic  hexBytes `json:"ephemeralPublic"`
	PingToken        hexBytes `json:"pingToken"`
	Store            hexBytes `json:"store"`
	Life             hexBytes `json:"life"`
	Hello            string   `json:"hello"`
}

type vectorMessage struct {
	From    string   `json:"from"`
	Payload hexBytes `json:"payload"`
	Message hexBytes `json:"message"`
}

type vectorEpoch struct {
	Epoch         uint32   `json:"epoch"`
	HandshakeHash hexBytes `json:"handshakeHash"`
	K1            hexBytes `json:"k1"`
	K2            hexBytes `json:"k2"`
	K3            hexBytes `json:"k3"`
}

type vectorRekey struct {
	Epoch                  uint32   `json:"epoch"`
	Prologue               hexBytes `json:"prologue"`
	Psk                    hexBytes `json:"psk"`
	DriverEphemeralPrivate hexBytes `json:"driverEphemeralPrivate"`
	OtherEphemeralPrivate  hexBytes `json:"otherEphemeralPrivate"`
	Message1               hexBytes `json:"message1"`
	Message2               hexBytes `json:"message2"`
	Init                   hexBytes `json:"init"`
	Reply                  hexBytes `json:"reply"`
	Done                   hexBytes `json:"done"`
}

type vectorFrame struct {
	From      string     `json:"from"`
	Note      string     `json:"note"`
	Epoch     uint32     `json:"epoch"`
	Nonce     uint64     `json:"nonce"`
	Records   []hexBytes `json:"records"`
	Plaintext hexBytes   `json:"plaintext"`
	Frame     hexBytes   `json:"frame"`
}

type vectorPairing struct {
	Invite            string   `json:"invite"`
	PairPsk           hexBytes `json:"pairPsk"`
	ClientFingerprint string   `json:"clientFingerprint"`
	ServerFingerprint string   `json:"serverFingerprint"`
	SafetyBytes       hexBytes `json:"safetyBytes"`
	SafetyWords       []string `json:"safetyWords"`
}

type vectorOutcome struct {
	Delivered uint64   `json:"delivered"`
	Start     uint64   `json:"start"`
	Expected  uint64   `json:"expected"`
	Notices   []notice `json:"notices"`
}

type vectorResume struct {
	Note       string        `json:"note"`
	Client     hexBytes      `json:"client"`
	Server     hexBytes      `json:"server"`
	ClientSent []hexBytes    `json:"clientSent"`
	ServerSent []hexBytes    `json:"serverSent"`
	Misfit     bool          `json:"misfit"`
	ThenClient vectorOutcome `json:"thenClient"`
	ThenServer vectorOutcome `json:"thenServer"`
}

type vectors struct {
	Protocol  string          `json:"protocol"`
	Suite     string          `json:"suite"`
	Psk       hexBytes        `json:"psk"`
	ProofKey  hexBytes        `json:"proofKey"`
	Hour      uint64          `json:"hour"`
	Hint      hexBytes        `json:"hint"`
	Proof     hexBytes        `json:"proof"`
	Client    vectorSide      `json:"client"`
	Server    vectorSide      `json:"server"`
	Handshake []vectorMessage `json:"handshake"`
	Epochs    []vectorEpoch   `json:"epochs"`
	Rekey     vectorRekey     `json:"rekey"`
	Frames    []vectorFrame   `json:"frames"`
	Pairing   vectorPairing   `json:"pairing"`
	Resumes   []vectorResume  `json:"resumes"`
}
