# For gdb: steps through the program, instruction by instruction, and checks that each leaves the callers as they were, and
# their registers but for the stack pointer; a call adds one, and a return removes one.
import gdb

LIMIT = 3000
# Where the runtime's functions have tables that aren't exact in prologues, or none.
WASM_ONLY = ("aarch64", "riscv", "s390")
# Instructions that move the frame for a tail call aren't described: so many in a row may be wrong.
UNDESCRIBED = {"riscv": 4}
WASM = ("many", "few", "sum", "_start", "wasm_aot.main", "wasm_aot[main]")
MACHINES = {
    "aarch64": (["x%d" % i for i in range(19, 30)], ("bl\t", "blr\t"), "ret"),
    "riscv": (["s%d" % i for i in range(12)], ("jal\t", "jalr\t"), "ret"),
    # r6 and r7 are for parameters, too: who passes one loses what they had.
    "s390": (["r%d" % i for i in range(8, 14)], ("brasl\t", "basr\t"), "br\t%r14"),
    "x86": (["rbx", "rbp", "r12", "r13", "r14", "r15"], ("call",), "ret"),
}


def callers():
    """The addresses to which frames return, and the registers of the innermost caller."""
    frame = gdb.newest_frame().older()
    registers = frame and [int(frame.read_register(name)) for name in REGISTERS]
    addresses = []
    while frame is not None:
        addresses.append(frame.pc())
        frame = frame.older()
    return addresses, registers


gdb.execute("set backtrace past-main on")
gdb.execute("delete")
architecture = gdb.newest_frame().architecture()
REGISTERS, CALLS, RETURN = next(rest for name, rest in MACHINES.items() if name in architecture.name())
addresses, registers = callers()
outermost = addresses[-1]
count, right = 0, True
most = next((most for name, most in UNDESCRIBED.items() if name in architecture.name()), 0)
left = most
while count < LIMIT and right:
    pc = gdb.newest_frame().pc()
    instruction = architecture.disassemble(pc)[0]
    behind = pc + instruction["length"]
    # Where it returns to its caller, gdb follows rules of its own.
    if len(addresses) <= 1:
        break
    gdb.execute("stepi", to_string=True)
    is_call = instruction["asm"].startswith(CALLS) and gdb.newest_frame().pc() != behind
    if is_call and any(name in architecture.name() for name in WASM_ONLY) and gdb.newest_frame().name() not in WASM:
        gdb.execute("advance *%d" % behind, to_string=True)
        is_call = False
    now, registers_now = callers()
    count += 1
    if is_call:
        expected = [behind] + addresses
    elif instruction["asm"].startswith(RETURN):
        expected = addresses[1:]
    else:
        expected = addresses
        right = registers_now == registers
    right = right and now == expected and now[-1] == outermost
    if not right and left > 0 and expected is addresses:
        left -= 1
        right = True
        continue
    if right:
        left = most
    if not right:
        print("after", hex(pc), instruction["asm"], [hex(address) for address in now], "isn't",
              [hex(address) for address in expected], registers, registers_now)
    addresses, registers = now, registers_now
if right and count > 100:
    print(count, "steps are right")
