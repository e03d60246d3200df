"""The other end of the connections of sockets.c."""
import time

from peer import connect

one = connect()
one.sendall(b"hello world\n")
stream = one.makefile("rb")
print(stream.readline())
one.sendall(b"abcd")
time.sleep(0.05)
one.sendall(b"efgh")
print(stream.readline())
print(stream.read())
one.sendall(b"bye")
stream.close()
one.close()
two = connect()
print(two.makefile("rb").readline())
two.close()
