"""Attacks on the grants of the network (network.c), for several policies."""

import re
import socket
import subprocess

PORT = 39517  # that of network.c

# What is refused with any grant, as it isn't a valid address or name, or nothing is bound.
NEVER = {
    "connect [::ffff:127.0.0.1]:80", "connect [::127.0.0.1]:80", "connect 0.0.0.0:80", "connect [::]:80",
    "connect 127.0.0.1:80 as IPv6", "bind [::ffff:127.0.0.1]", "bind [::ffff:0.0.0.0]", "udp send 0.0.0.0",
    "listen unbound", "lookup 127.1", "lookup 2130706433", "lookup 0x7f000001",
}

LOCALHOST = {"lookup a.localhost", "lookup LOCALHOST."}
CHOSEN = {"udp bind 127.0.0.1:0"}

# The flags of a build, and which of the attempts may succeed: each of these must, and no other may.
POLICIES = [
    ([], set()),
    (["--tcp-connect", "127.0.0.1:80"],
     {"connect 127.0.0.1:80", "connect bound 127.0.0.1:80", "connect 127.0.0.1:80 after lookups"}),
    (["--tcp-connect", "127.0.0.0/30:80"],
     {"connect 127.0.0.1:80", "connect 127.0.0.2:80", "connect 383.0.0.2:80", "connect bound 127.0.0.1:80",
      "connect 127.0.0.1:80 after lookups"}),
    (["--tcp-connect", "[::1]:80"], {"connect [::1]:80"}),
    (["--tcp-connect", "[::/0]:*"], {"connect [::1]:80"}),
    (["--tcp-connect", "*:81"], {"connect 127.0.0.1:81", "connect 127.0.0.1:81 after lookups"}),
    # The address counts only once it was found for the name.
    (["--tcp-connect", "localhost:80"], {"lookup LOCALHOST.", "connect 127.0.0.1:80 after lookups"}),
    (["--tcp-connect", "*.localhost:80"], {"lookup a.localhost", "connect 127.0.0.1:80 after lookups"}),
    (["--resolve", "localhost", "--tcp-connect", "127.0.0.1:81"],
     {"lookup LOCALHOST.", "connect 127.0.0.1:81", "connect 127.0.0.1:81 after lookups"}),
    (["--resolve", "*.localhost"], {"lookup a.localhost"}),
    (["--tcp-listen", f"127.0.0.1:{PORT}"], {"bind 127.0.0.1"}),
    (["--tcp-listen", "127.0.0.1:0"], {"bind 127.0.0.1:0"}),
    (["--tcp-listen", "127.0.0.0/8:*"], {"bind 127.0.0.1:0", "bind 127.0.0.1", "bind 127.0.0.1, port + 1"}),
    (["--tcp-listen", f"0.0.0.0/8:{PORT}"], set()),
    (["--tcp-listen", f"0.0.0.0:{PORT}"], {"bind 0.0.0.0"}),
    (["--tcp-listen", f"*:1-{PORT}"], {"bind 127.0.0.1", "bind 0.0.0.0", "bind [::]"}),
    (["--tcplisten", f"127.0.0.1:{PORT}"], {"bind 127.0.0.1"}),
    (["--udp", f"127.0.0.1:{PORT}"],
     CHOSEN | {"udp bind 127.0.0.1", "udp peer 127.0.0.1", "udp send 127.0.0.1"}),
    (["--udp", "127.0.0.1:*"],
     CHOSEN | {"udp bind 127.0.0.1", "udp peer 127.0.0.1", "udp send 127.0.0.1", "udp peer 127.0.0.1, port + 1",
               "udp send 127.0.0.1, port + 1", "udp receive from 127.0.0.1, some port"}),
    (["--udp", "192.0.2.1:53"], CHOSEN),
]


def this_host():
    """The name of this machine, if it is an address of the machine itself that it stands for."""
    name = socket.gethostname().lower()
    try:
        addresses = {item[4][0] for item in socket.getaddrinfo(name, None)}
    except OSError:
        return None
    local = re.fullmatch(r"[a-z0-9-]*[a-z][a-z0-9-]*", name) and name != "localhost"
    return name if local and all(re.match(r"127\.|::1$", address) for address in addresses) else None


def run_all(module, work, build, run):
    """The problems."""
    problems, attempts = [], 0
    host = this_host()
    policies = [*POLICIES]
    if host:
        # A name that leads to the machine itself grants nothing of it.
        policies.append((["--tcp-connect", f"{host}:80"], {f"lookup {host}"}))
    for flags, granted in policies:
        program = work / "network"
        subprocess.run([*build, module, *flags, "-o", program], check=True)
        done = subprocess.run([*run, program, host or "name.invalid"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              timeout=60)
        output = done.stdout.decode(errors="replace")
        where = " ".join(flags) or "without a grant"
        if done.returncode != 0 or "attempts: " not in output:
            problems.append(f"{where}: exit code {done.returncode}")
        found = set()
        for what, outcome in re.findall(r"^(.*) = (.*)$", output, re.M):
            attempts += 1
            if what in NEVER and outcome == "ok":
                problems.append(f"{where}: {what} = ok")
            elif what not in NEVER and outcome not in ("access-denied", "nothing"):
                found.add(what)
        problems += [f"{where}: {what} must be refused" for what in sorted(found - granted)]
        problems += [f"{where}: {what} must succeed" for what in sorted(granted - found)]
    print(f"network: {len(policies)} policies, {attempts} attempts, {len(problems)} problems")
    return problems
