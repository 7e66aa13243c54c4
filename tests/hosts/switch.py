"""The switch between the hosts of a test: forwards IP packets between their TUN devices, as slowly and as badly as it is told.

  switch.py FD=ADDRESS...

Commands come as lines on stdin, and "ok" answers each:
  link ADDRESS BITS_A_SECOND SECONDS LOSS   the rate and the delay of what the host sends, and how much of it is lost;
                                            the rate 0 is unlimited
  cut ADDRESS ADDRESS                       nothing passes between the two; with the same twice, none from or to this one
  join ADDRESS ADDRESS                      undoes that
"""
import heapq
import ipaddress
import itertools
import os
import random
import select
import sys
import time

LONGEST_QUEUE = 0.05  # seconds of what may wait to be sent, before packets are dropped
LARGEST_PACKET = 1 << 16


class Link:
    def __init__(self, fd):
        self.fd = fd
        self.rate, self.delay, self.loss = 0.0, 0.0, 0.0
        self.free_at = 0.0

    def due(self, size, now):
        """When a packet has arrived that is sent now; None if it is lost."""
        start = max(now, self.free_at)
        if start - now > LONGEST_QUEUE or random.random() < self.loss:
            return None
        self.free_at = start + (8 * size / self.rate if self.rate else 0)
        return self.free_at + self.delay


class Switch:
    def __init__(self, links):
        self.links = links  # by address, as 4 bytes
        self.cuts = set()
        self.waiting = []  # (due, number, fd, packet)
        self.numbers = itertools.count()

    def take(self, source, packet):
        if packet[0] >> 4 != 4:
            return
        target = packet[16:20]
        if target not in self.links or self.cuts & {(source,), (target,), tuple(sorted((source, target)))}:
            return
        due = self.links[source].due(len(packet), time.monotonic())
        if due is not None:
            heapq.heappush(self.waiting, (due, next(self.numbers), self.links[target].fd, packet))

    def deliver(self):
        """Returns the seconds until the next packet is due."""
        while self.waiting:
            wait = self.waiting[0][0] - time.monotonic()
            if wait > 0:
                return wait
            _, _, fd, packet = heapq.heappop(self.waiting)
            try:
                os.write(fd, packet)
            except OSError:
                pass  # the device is down, as it is while a host starts
        return None

    def obey(self, line):
        command, *words = line.split()
        if command == "link":
            link = self.links[ipaddress.ip_address(words[0]).packed]
            link.rate, link.delay, link.loss = map(float, words[1:])
            return
        pair = tuple(sorted({ipaddress.ip_address(word).packed for word in words}))
        self.cuts.add(pair) if command == "cut" else self.cuts.discard(pair)

    def run(self):
        sources = {link.fd: address for address, link in self.links.items()}
        while True:
            for fd in select.select([0, *sources], [], [], self.deliver())[0]:
                if fd != 0:
                    self.read_all(fd, sources[fd])
                elif not (line := sys.stdin.readline()):
                    return
                else:
                    self.obey(line)
                    print("ok", flush=True)

    def read_all(self, fd, source):
        try:
            for _ in range(16):
                self.take(source, os.read(fd, LARGEST_PACKET))
        except BlockingIOError:
            pass


if __name__ == "__main__":
    pairs = [argument.split("=") for argument in sys.argv[1:]]
    Switch({ipaddress.ip_address(address).packed: Link(int(fd)) for fd, address in pairs}).run()
