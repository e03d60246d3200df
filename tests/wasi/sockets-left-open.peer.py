"""The other end of the connection of sockets-left-open.c, which reads late."""
import hashlib
import time

from peer import connect

connection = connect()
time.sleep(0.5)
contents = connection.makefile("rb").read()
print(len(contents), hashlib.sha256(contents).hexdigest())
