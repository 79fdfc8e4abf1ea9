"""An IMAP server of the tests' own, on loopback: as much of RFC 3501 as a reader needs, and ways to misbehave."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field


@dataclass
class Box:
    """What lies in the box, by its number."""

    messages: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    password: str = "secret"
    #: how it misbehaves: "silent", "rude"
    manner: str = ""
    #: commands as they came
    heard: list[str] = field(default_factory=list)


class _Talk(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        box: Box = self.server.box  # type: ignore[attr-defined]
        if box.manner == "silent":
            self.server.over.wait(30)  # type: ignore[attr-defined]
            return
        if box.manner == "rude":
            self.wfile.write(b"* BYE go away\r\n")
            return
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            box.heard.append(rest)
            word = rest.upper()
            if word.startswith("CAPABILITY"):
                self.say("* CAPABILITY IMAP4rev1")
            elif word.startswith("LOGIN"):
                if box.password not in rest:
                    self.say(f"{tag} NO wrong password")
                    continue
            elif word.startswith(("EXAMINE", "SELECT")):
                self.say(f"* {len(box.messages)} EXISTS")
                self.say(f"* OK [UIDVALIDITY {box.validity}] numbering")
                tag += " OK [READ-ONLY]" if word.startswith("EXAMINE") else ""
                if " " in tag:
                    self.say(f"{tag} done")
                    continue
            elif word.startswith("UID SEARCH"):
                first = int(re.search(r"UID (\d+):", word[10:]).group(1))  # type: ignore[union-attr]
                found = [uid for uid in box.messages if uid >= first] or list(box.messages)[-1:]
                self.say("* SEARCH " + " ".join(map(str, found)))
            elif word.startswith("UID FETCH"):
                uid = int(word.split()[2])
                raw = box.messages[uid]
                if "BODY.PEEK" in word:
                    self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
                else:
                    self.say(f'* 1 FETCH (UID {uid} INTERNALDATE "12-Mar-2026 11:30:00 +0800" RFC822.SIZE {len(raw)})')
            elif word.startswith("LOGOUT"):
                self.say("* BYE")
                self.say(f"{tag} OK bye")
                return
            self.say(f"{tag} OK done")


class Server(socketserver.ThreadingTCPServer):
    """Serves one box until it is closed."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, box: Box) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.box = box
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()
        self.thread.join(5)
