"""TCP ports for tests."""
import random
import socket


def free_port():
    """Below the ports that the kernel gives to connections, which might take it before it is used."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as listener:
            try:
                listener.bind(("", port))
                return port
            except OSError:
                continue
