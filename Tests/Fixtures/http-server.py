#!/usr/bin/env python3
"""A web server of a test's own, which cuts, stalls and lies as its plan says.

Usage: http-server.py FOLDER [CERTIFICATE]

FOLDER/plan.json is a list with one step for each request; the last one holds for all further requests. A new plan begins anew.
The port is written to FOLDER/port, and each request as a line of JSON to FOLDER/requests. Keys of a step, none of them needed:

file      the file of FOLDER to send; "content" if not given
ranges    whether Range and If-Range are honoured; true if not given
etag, modified   validators; "modified" is Last-Modified, and Date is the present
status    a status to answer with instead, with "headers" and a short body
headers   further header fields, also in the place of those that the server would send
length    what to announce instead of the true length; null: nothing is announced, and the connection's end is the file's
chunked   send the body in chunks, without a length
first     how far the range of a 206 is off
cut       after how many bytes of the body the connection is closed
stall     after how many bytes nothing more comes
extra     how many bytes follow that do not belong there
pace      seconds to wait after each 64 KiB
reset     close the connection before any answer
"""
import json, os, ssl, sys, threading, time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock = threading.Lock()
state = {"plan": None, "steps": [], "count": 0}


def next_step():
    with lock:
        plan = open(f"{folder}/plan.json").read()
        if plan != state["plan"]:
            state.update(plan=plan, steps=json.loads(plan), count=0)
        step = state["steps"][min(state["count"], len(state["steps"]) - 1)]
        state["count"] += 1
        return step


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def do_GET(self):
        step = next_step()
        with lock, open(f"{folder}/requests", "a") as log:
            fields = {name.lower(): value for name, value in self.headers.items()}
            log.write(json.dumps({"path": self.path, "fields": fields}) + "\n")
        self.close_connection = True
        if step.get("reset"):
            return
        if "status" in step:
            self.answer(step["status"], step, {}, b"not the file\n")
        else:
            self.send_file(step)

    def send_file(self, step):
        body = open(f"{folder}/{step.get('file', 'content')}", "rb").read()
        fields = {"Accept-Ranges": "bytes"}
        if "etag" in step:
            fields["ETag"] = step["etag"]
        if "modified" in step:
            fields["Last-Modified"] = step["modified"]
        asked = self.headers.get("Range")
        condition = self.headers.get("If-Range")
        is_same = condition is None or condition in (step.get("etag"), step.get("modified"))
        if not (asked and step.get("ranges", True) and is_same):
            return self.answer(200, step, fields, body)
        first = int(asked.removeprefix("bytes=").removesuffix("-"))
        if first >= len(body):
            return self.answer(416, step, {"Content-Range": f"bytes */{len(body)}"}, b"")
        first += step.get("first", 0)
        fields["Content-Range"] = f"bytes {first}-{len(body) - 1}/{len(body)}"
        self.answer(206, step, fields, body[first:])

    def answer(self, status, step, fields, body):
        self.send_response_only(status)
        if "length" in step:
            if step["length"] is not None:
                fields["Content-Length"] = str(step["length"])
        elif step.get("chunked"):
            fields["Transfer-Encoding"] = "chunked"
        else:
            fields["Content-Length"] = str(len(body))
        fields = {"Date": formatdate(usegmt=True), "Connection": "close", **fields, **step.get("headers", {})}
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.send_body(step, body + b"x" * step.get("extra", 0))

    def send_body(self, step, body):
        body = body[: step.get("cut", step.get("stall", len(body)))]
        try:
            for start in range(0, len(body), 65536):
                piece = body[start : start + 65536]
                if step.get("chunked"):
                    piece = b"%x\r\n" % len(piece) + piece + b"\r\n"
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(step.get("pace", 0))
            if step.get("chunked") and "cut" not in step and "stall" not in step:
                self.wfile.write(b"0\r\n\r\n")
            if "stall" in step:
                time.sleep(60)
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *words):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
parent = os.getppid()
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(f"{folder}/port.new", "w") as port:
    port.write(str(server.server_port))
os.rename(f"{folder}/port.new", f"{folder}/port")
# A test that ends in any way takes its server along.
while os.getppid() == parent:
    time.sleep(0.2)
