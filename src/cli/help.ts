// What --help prints: the texts, and nothing of what they describe.

import { SUBCOMMAND_HELP } from "./subcommand.ts";

const COMMON_HELP = `  --name NAME        how you introduce yourself (default: your account's name)
  --psk-file FILE    use the secret in FILE (32 bytes as hex or base64url, mode 0600) instead of
                     an invite; both sides have the same file
  --trust-first      with --psk-file: accept the first key without asking, and no other later
  --home DIR         where the identity and the pairings are kept: a new directory, or one that only
                     you can open (chmod 700)
                     (default: $LAIR_HOME, else $XDG_CONFIG_HOME/lair, else ~/.config/lair)
  --history SPAN     keep the conversation: forever, off, or a span such as 30d or 12h; remembered
                     for this peer (at first it is off)
  --no-store         keep no messages on the disk: what waits is lost when the program ends
  --passphrase       put the new identity under a passphrase, which is asked for at every start
  --passphrase-file FILE
                     read that passphrase from FILE (mode 0600), where there is no terminal
  --json             for programs: one JSON object a line, both ways
  --plain            nothing is redrawn: for screen readers and logs
  --no-color         no colours (NO_COLOR and FORCE_COLOR are honoured too)
  --bell             ring the terminal's bell when a message arrives
  --crypto WHO       which library computes: openssl, noble, or auto (the default), which takes
                     OpenSSL if it passes a self-test
  --verbose          show more details
  --help, --version

${SUBCOMMAND_HELP}
passphrase add, change and remove put an identity that exists under a passphrase, change the
passphrase, or take it away, and the program leaves. Without a terminal the old passphrase comes
from --passphrase-file FILE and the new one from --new-passphrase-file FILE. If you forget it, the
identity and all that is stored are lost.

Each line of input that is no command is said to the other side; help at the prompt lists the
commands. Without a terminal each line is a message, received text goes to standard output, and
the program leaves when its input has ended and all is delivered (or after 10 s). With input
from /dev/null it stays. If standard input, output and error are all no terminal, it goes on when
the terminal is closed (as after nohup).

Exit codes: 0 fine, 1 failed, 2 usage, 3 unreachable, 4 not who was expected,
129, 130 and 143 after SIGHUP, SIGINT and SIGTERM. On Windows file modes are not checked.
`;

export const SERVER_HELP = `lair-server - wait for one person and talk to them privately

  lair-server [OPTIONS]
  lair-server history [N] | search WORDS... | export FILE | forget | renumber
  lair-server passphrase add|change|remove [--home DIR]

On its first start it prints an invite: give it to one person, who starts lair-client with it.
On this account lair-client finds the invite by itself.

  --listen HOST:PORT where to listen (default 127.0.0.1:8080; port 0 takes a free one)
  --announce HOST[:PORT]
                     where clients find this server, for invites: behind NAT, a container or a
                     reverse proxy; also a URL such as wss://chat.example/lair
  --invite           make a new invite, for one more person
  --rekey MIN-MAX    renew the keys at random intervals of so many seconds (from 1 s), or
                     high (15-60), balanced (30-120, the default), performance (60-300)
  --tls-cert FILE    with --tls-key FILE: wss:// instead of ws:// (PEM)
  --allow-host NAME  also answer to this Host header while bound to loopback (a proxy's name)
  --allow-origin URL also answer web pages of this origin; none is answered otherwise
${COMMON_HELP}`;

export const CLIENT_HELP = `lair-client - talk privately to the person who runs a lair-server

  lair-client [URL] [OPTIONS]
  lair-client history [N] | search WORDS... | export FILE | forget | renumber
  lair-client passphrase add|change|remove [--home DIR]

Without URL it connects to the server that it is paired with. If there is none, it takes the
invite that a lair-server of this account has left, or else asks for one. A pipe's first line is
the invite then. URL is ws://HOST:PORT or wss://HOST:PORT, with a /PATH if there is one.

  --invite-file FILE pair with the invite in FILE (mode 0600); never give it as an argument
  --peer WHO         which of the servers that you know, also at a new address: a name, or the start
                     of a fingerprint (8 letters or more)
  --proxy URL        by way of socks5h://HOST:PORT or http://HOST:PORT, which resolves the name
                     (Tor: socks5h://127.0.0.1:9050); else what ALL_PROXY, HTTPS_PROXY,
                     HTTP_PROXY and NO_PROXY say
  --once             one connection, no reconnecting; an unreachable server is exit 3
  --queue            keep each line of a pipe for the server, and deliver what can be delivered
                     within 10 s of the end of the input; exit code 0 even if some is only kept
${COMMON_HELP}`;
