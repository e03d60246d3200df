"""The other end of the connections of socket-errors.c: it resets the first one."""
import socket
import struct

from peer import connect

connection = connect()
connection.sendall(b"0123456789" * 4 + b"ab")
print(connection.recv(6, socket.MSG_WAITALL))
connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
connection.close()
connect().sendall(b"again")
