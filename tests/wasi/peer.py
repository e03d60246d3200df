"""For the peers of the socket tests: connecting to the program, which may not have started yet."""
import socket
import sys
import time


def connect():
    for _ in range(1000):
        try:
            return socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
        except ConnectionRefusedError:
            time.sleep(0.02)
    sys.exit("nobody listens")
